import { assertEquals, assertThrows } from "@std/assert";
import { contentOf } from "../../src/http/content.ts";
import { HeadError } from "../../src/http/head.ts";
import { encode } from "../support/ends.ts";

const contents: [name: string, headers: Record<string, string>, bytes: string][] = [
  ["none", {}, ""],
  ["Content-Length: 0", { "content-length": "0" }, ""],
  ["Content-Length", { "content-length": "11" }, "hello world"],
  ["no chunk", { "transfer-encoding": "chunked" }, "0\r\n\r\n"],
  [
    "chunks",
    { "transfer-encoding": "Chunked" },
    "5\r\nhello\r\nB;x=y\r\n\r\n123456\r\n9\r\n0\r\n\r\n",
  ],
  ["trailers", { "transfer-encoding": "gzip, chunked" }, "1\r\n\n\r\n00\r\nA: b\r\n\r\n"],
];

for (const [name, headers, bytes] of contents) {
  Deno.test(`content ends where its request says, however it is cut: ${name}`, () => {
    const all = encode(bytes + "GET / HTTP/1.1\r\n");
    for (let cut = 0; cut <= all.length; cut++) {
      const content = contentOf(new Headers(headers));
      const [first, second] = [all.subarray(0, cut), all.subarray(cut)];
      assertEquals(content.take(first) + content.take(second), bytes.length, `cut at ${cut}`);
    }
  });
}

Deno.test("a request that doesn't say clearly where its content ends is refused", () => {
  const unclear: [string, string][][] = [
    [["content-length", "-1"]],
    [["content-length", "0x10"]],
    [["content-length", "5"], ["content-length", "6"]],
    [["content-length", ""]],
    [["transfer-encoding", "gzip"]],
    [["transfer-encoding", "chunked, gzip"]],
    [["transfer-encoding", "chunked"], ["content-length", "5"]],
  ];
  for (const fields of unclear) {
    const error = assertThrows(() => contentOf(new Headers(fields)), HeadError);
    assertEquals(error.status, 400);
  }
});

Deno.test("what is no chunk is refused", () => {
  for (
    const bytes of ["x\r\n", "-1\r\n", "5\n", "\r\n", "12345678901234\r\n", "1".repeat(20_000)]
  ) {
    const content = contentOf(new Headers({ "transfer-encoding": "chunked" }));
    assertThrows(() => content.take(encode(bytes)), HeadError, "malformed chunk");
  }
});
