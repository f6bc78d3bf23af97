import { assertEquals, assertThrows } from "@std/assert";
import { contentOf } from "../../src/http/framing.ts";
import { HeadError } from "../../src/http/head.ts";
import { encode } from "../support/connections.ts";

const declared = (headers: Headers, version = "1.1") => contentOf({ version, headers });

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
  Deno.test(`content ends where its head says, however it is cut: ${name}`, () => {
    const all = encode(bytes + "GET / HTTP/1.1\r\n");
    for (let cut = 0; cut <= all.length; cut++) {
      const content = declared(new Headers(headers));
      const [first, second] = [all.subarray(0, cut), all.subarray(cut)];
      const passed = content.take(first) + content.take(second);
      assertEquals(passed + (content.trailerSection?.length ?? 0), bytes.length, `cut at ${cut}`);
      assertEquals(content.done, true);
    }
  });
}

Deno.test("a request whose content has no clear length is refused", () => {
  const unclear: [string, string][][] = [
    [["content-length", "-1"]],
    [["content-length", "0x10"]],
    [["content-length", "5"], ["content-length", "6"]],
    [["content-length", ""]],
    [["transfer-encoding", "gzip"]],
    [["transfer-encoding", "chunked, gzip"]],
    [["transfer-encoding", "chunked"], ["content-length", "5"]],
    [["transfer-encoding", "chunked"], ["transfer-encoding", "chunked"]],
    [["transfer-encoding", "chunked,"]],
    [["transfer-encoding", ",chunked"]],
    [["transfer-encoding", "gzip,,chunked"]],
    [["transfer-encoding", "gzip chunked"]],
    [["transfer-encoding", "chunked;q=1"]],
    [["transfer-encoding", ""]],
    [["content-length", "5, 5"]],
    [["content-length", "+5"]],
  ];
  for (const fields of unclear) {
    const error = assertThrows(() => declared(new Headers(fields)), HeadError);
    assertEquals(error.status, 400);
  }
});

Deno.test("chunks in HTTP/1.0 are refused", () => {
  assertThrows(() => declared(new Headers({ "transfer-encoding": "chunked" }), "1.0"), HeadError);
});

/** Chunks that two parsers may read differently. */
const wrong = [
  "x\r\n",
  "-1\r\n",
  "+1\r\n",
  "0x1\r\n",
  "5\n",
  "\r\n",
  " 5\r\n",
  "5 \r\n",
  "5 6\r\n",
  "5\r\r\n",
  "5\rhello\r\n",
  "12345678901234\r\n",
  "1".repeat(20_000),
  "5;\r\n",
  "5;=a\r\n",
  "5;a=\r\n",
  '5;a="b\r\n',
  "5;a b\r\n",
  "5;a\0\r\n",
  "5;a\n0\r\n\r\n",
  "1\r\nxXX",
  "1\r\nx\n\n",
  "1\r\nx\r\r",
  "1\r\nx0\r\n",
  "1\r\nxy\r\n",
  "1\r\nx\n0",
  "0\r\nno colon\r\n",
  "0\r\n A: b\r\n",
  "0\r\nA : b\r\n",
  "0\r\nA: b\n\r\n",
  "0\r\nA: \0\r\n",
  "0\r\nA: b\rc\r\n",
  "0\r\n\n",
  `0\r\n${"A: b\r\n".repeat(10_000)}`,
];

for (const bytes of wrong) {
  Deno.test(`malformed chunks are refused, however they are cut: ${JSON.stringify(bytes.slice(0, 20))}`, () => {
    const all = encode(bytes);
    for (const cut of [0, 1, 2, 3, 4, 5, 6, all.length]) {
      const content = declared(new Headers({ "transfer-encoding": "chunked" }));
      const take = () => {
        content.take(all.subarray(0, cut));
        content.take(all.subarray(cut));
      };
      assertThrows(take, HeadError, "malformed chunk");
    }
  });
}

Deno.test("extensions of chunks are skipped", () => {
  for (const extension of [";a", ";a=b", ' ; a = "b c;\\"" ;d', ';a="";b=c']) {
    const content = declared(new Headers({ "transfer-encoding": "chunked" }));
    const bytes = encode(`1${extension}\r\nx\r\n0${extension}\r\n\r\n`);
    assertEquals([content.take(bytes), content.done], [bytes.length - 2, true]);
  }
});
