import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import {
  formatRequest,
  formatResponse,
  hasToken,
  HEAD_LIMIT,
  HeadError,
  listOf,
  parseRequest,
  parseResponse,
  readHead,
} from "../../src/http/head.ts";
import { decode, Script } from "../support/connections.ts";

const REQUEST = "GET /x HTTP/1.1\r\nHost: a\r\n\r\n";

Deno.test("a head ends at its empty line, and the bytes behind it are returned", async () => {
  for (let cut = 1; cut < REQUEST.length; cut++) {
    const script = new Script([REQUEST.slice(0, cut), REQUEST.slice(cut) + "rest"]);
    const head = await readHead(script);
    assertEquals(head!.text, REQUEST.slice(0, -4));
    assertEquals(decode(head!.rest), "rest");
  }
});

Deno.test("a head may arrive byte by byte", async () => {
  const head = await readHead(new Script([...REQUEST]));
  assertEquals([head!.text, head!.rest.length], [REQUEST.slice(0, -4), 0]);
});

Deno.test("EOF without a byte is no head, and a cut one is an error", async () => {
  assertEquals(await readHead(new Script([])), null);
  await assertRejects(() => readHead(new Script(["GET / HT"])), BrokenError, "inside an HTTP head");
});

Deno.test("a head of 16 KiB is read, one byte more is refused", async () => {
  const head = (size: number) => {
    const start = "GET / HTTP/1.1\r\nHost: a\r\nX: ";
    return start + "x".repeat(size - start.length - 4) + "\r\n\r\n";
  };
  const { text } = (await readHead(new Script([head(HEAD_LIMIT)])))!;
  assertEquals(text.length, HEAD_LIMIT - 4);
  const error = await assertRejects(() => readHead(new Script([head(HEAD_LIMIT + 1)])), HeadError);
  assertEquals(error.status, 431);
});

const hopeless: [name: string, start: string][] = [
  ["a TLS hello", "\x16\x03\x01\x02\x00\x01"],
  ["a line that ends without CR", "GET / HTTP/1.1\nHost: a\n\n"],
  ["an escape sequence", "GET /\x1b[2J HTTP/1.1\r\n"],
  ["NUL", "GET / HTTP/1.1\r\nA: \0\r\n"],
  ["DEL", "GET /\x7f"],
];

for (const [name, start] of hopeless) {
  Deno.test(`a head that can't become valid is refused before its end: ${name}`, async () => {
    const error = await assertRejects(() => readHead(new Script([start])), HeadError);
    assertEquals(error.status, 400);
  });
}

Deno.test("a request's head is parsed", () => {
  const { method, target, version, headers } = parseRequest(
    "\r\nGET /a?b=c HTTP/1.1\r\nhost:a:80\r\nX-Empty:\r\nX-List: a\r\nx-list:  b , c\t\r\nX: \xe4",
  );
  assertEquals([method, target, version], ["GET", "/a?b=c", "1.1"]);
  assertEquals(
    ["Host", "x-empty", "x-list", "x"].map((name) => headers.get(name)),
    ["a:80", "", "a, b , c", "\xe4"],
  );
  assertEquals(listOf(headers, "X-List"), ["a", "b", "c"]);
  assertEquals(hasToken(headers, "x-list", "b"), true);
  assertEquals(hasToken(headers, "x-list", "d"), false);
});

const malformed: [request: string, status: number][] = [
  ["", 400],
  ["GET", 400],
  ["GET /", 400],
  ["GET / HTTP/1", 400],
  ["GET  / HTTP/1.1\r\nHost: a", 400],
  ["GET / HTTP/1.1 \r\nHost: a", 400],
  [" GET / HTTP/1.1\r\nHost: a", 400],
  ["GET /a b HTTP/1.1\r\nHost: a", 400],
  ["GET /ä HTTP/1.1\r\nHost: a", 400],
  ["G(T / HTTP/1.1\r\nHost: a", 400],
  ["GET / http/1.1\r\nHost: a", 400],
  ["GET / HTTP/2.0\r\nHost: a", 505],
  ["GET / HTTP/0.9\r\nHost: a", 505],
  ["GET / HTTP/1.1", 400],
  ["GET / HTTP/1.1\r\nX: Host: a", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\nHost: a", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\nhost: b", 400],
  ["GET / HTTP/1.1\r\nHost : a", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\n folded", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\n\tfolded", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\nno colon", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\n: no name", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\nna me: x", 400],
  ["GET / HTTP/1.1\r\nHost: a\r\nX: a\rb", 400],
];

for (const [request, status] of malformed) {
  Deno.test(`a malformed request is refused: ${JSON.stringify(request)}`, () => {
    assertEquals(assertThrows(() => parseRequest(request), HeadError).status, status);
  });
}

Deno.test("HTTP/1.0 needs no Host", () => {
  assertEquals(parseRequest("GET / HTTP/1.0").version, "1.0");
});

Deno.test("a response's head is parsed", () => {
  const { line, status, headers } = parseResponse("HTTP/1.1 404 Not Found\r\nServer: x");
  assertEquals([line, status, headers.get("server")], ["HTTP/1.1 404 Not Found", 404, "x"]);
  assertEquals(parseResponse("HTTP/1.0 200").status, 200);
  assertEquals(parseResponse("HTTP/1.1 101 ").line, "HTTP/1.1 101");
});

for (const line of ["", "SSH-2.0-x", "HTTP/1.1 20", "HTTP/2 200", "HTTP/1.1  200 OK", "200 OK"]) {
  Deno.test(`a malformed status line is refused: "${line}"`, () => {
    assertThrows(() => parseResponse(line), HeadError);
  });
}

Deno.test("heads are written with CRLF, and can't smuggle in a line", () => {
  assertEquals(
    decode(formatRequest("GET", "/x", [["Host", "a"], ["X", "y"]])),
    "GET /x HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n",
  );
  assertEquals(
    decode(formatResponse(404, "Not Found", [["X", "ä"]])),
    "HTTP/1.1 404 Not Found\r\nX: ä\r\n\r\n",
  );
  for (const evil of ["a\r\nb", "a\nb", "a\rb", "a\0b"]) {
    assertThrows(() => formatRequest("GET", evil, []), TypeError);
    assertThrows(() => formatRequest("GET", "/", [["X", evil]]), TypeError);
    assertThrows(() => formatResponse(200, "OK", [[evil, "x"]]), TypeError);
  }
});

Deno.test("several Cookie fields are one, with all of their pairs", () => {
  const fields = "Host: h\r\nCookie: a=1; b=2\r\nX: 1\r\ncookie: c=3\r\nX: 2";
  const { headers } = parseRequest(`GET / HTTP/1.1\r\n${fields}`);
  assertEquals(headers.get("cookie"), "a=1; b=2; c=3");
  assertEquals(headers.get("x"), "1, 2");
});

Deno.test("fields of another head are passed on byte by byte, whatever their encoding", () => {
  const received = [["Cookie", "n=\xe9; m=\xc3\xa4"]] as const;
  const head = formatRequest("GET", "/x", [["X", "ä"]], received);
  const latin1 = String.fromCharCode(...head);
  assertEquals(latin1, "GET /x HTTP/1.1\r\nX: \xc3\xa4\r\nCookie: n=\xe9; m=\xc3\xa4\r\n\r\n");
});

Deno.test("only spaces and tabs around a value are none of it, and what UTF-8 ends with stays", () => {
  // The last byte of à in UTF-8 is a space that doesn't break in Latin-1.
  const fields =
    "Host: h\r\nX:\t Voil\xc3\xa0 \t\r\nCookie: a=\xc3\xa0\r\nCookie: \xa0b\r\nL: \xa0x, y\xa0";
  const { headers } = parseRequest(`GET / HTTP/1.1\r\n${fields}`);
  assertEquals(headers.get("x"), "Voil\xc3\xa0");
  assertEquals(headers.get("cookie"), "a=\xc3\xa0; \xa0b");
  assertEquals(listOf(headers, "l"), ["\xa0x", "y\xa0"]);
  assertEquals(parseResponse("HTTP/1.1 200 Voil\xc3\xa0").line, "HTTP/1.1 200 Voil\xc3\xa0");
});

Deno.test("a field of many blanks is refused as fast as it is read", () => {
  // With a CR in it, no field's value; what has to be tried must not grow with its square.
  const blanks = `X:${" ".repeat(HEAD_LIMIT)}`;
  const started = performance.now();
  for (let i = 0; i < 10; i++) {
    assertThrows(() => parseRequest(`GET / HTTP/1.1\r\nHost: a\r\n${blanks}\r`), HeadError);
  }
  const { headers } = parseRequest(`GET / HTTP/1.1\r\nHost: a\r\n${blanks}\r\nY:${blanks}y \t`);
  assertEquals([headers.get("x"), headers.get("y")], ["", `X:${" ".repeat(HEAD_LIMIT)}y`]);
  assert(performance.now() - started < 500);
});
