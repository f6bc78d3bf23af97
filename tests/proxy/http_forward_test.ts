import { assertEquals } from "@std/assert";
import { parseRequest, parseResponse } from "../../src/http/head.ts";
import { answerFor, authorityOf, requestFor } from "../../src/proxy/http_forward.ts";

/** Lines as a head without its empty line. */
const head = (...lines: string[]) => lines.join("\r\n");
const latin1 = (bytes: Uint8Array) => new TextDecoder("latin1").decode(bytes);

/** Lines of a request as its target receives them. */
const passedOn = (...lines: string[]) => {
  const text = head(...lines);
  return latin1(requestFor(text, parseRequest(text))).split("\r\n").slice(0, -2);
};

/** Lines of an answer as its client receives them. */
const handedBack = (...lines: string[]) => {
  const text = head(...lines);
  return latin1(answerFor(text, parseResponse(text))).split("\r\n").slice(0, -2);
};

Deno.test("requestFor() has the path and the URL's host, and drops what is for the proxy alone", () => {
  const lines = [
    "GET http://user:pass@a:81?q HTTP/1.1",
    "Host: elsewhere",
    "X-Latin: \xe4",
    "Proxy-Authorization: Basic eA==",
    "Connection: keep-alive",
    "X-Latin: 2",
  ];
  assertEquals(authorityOf(parseRequest(head(...lines))), "a:81");
  assertEquals(passedOn(...lines), [
    "GET /?q HTTP/1.1",
    "Host: a:81",
    "X-Latin: \xe4",
    "X-Latin: 2",
    "Via: 1.1 coax",
    "Connection: close",
  ]);
});

Deno.test("requestFor() uses HTTP/1.0 for a client that does, with its version in Via", () => {
  const expected = ["GET / HTTP/1.0", "Host: a", "Via: 1.0 coax", "Connection: close"];
  assertEquals(passedOn("GET http://a/ HTTP/1.0"), expected);
  assertEquals(passedOn("GET http://a/ HTTP/1.7", "Host: a")[0], "GET / HTTP/1.1");
});

Deno.test("requestFor() asks about the server where there is no path, and counts proxies down", () => {
  const options = (url: string, ...lines: string[]) =>
    passedOn(`OPTIONS ${url} HTTP/1.1`, "Host: a", ...lines);
  assertEquals(options("http://a")[0], "OPTIONS * HTTP/1.1");
  assertEquals(options("http://a/")[0], "OPTIONS / HTTP/1.1");
  assertEquals(options("http://a?x")[0], "OPTIONS /?x HTTP/1.1");
  assertEquals(options("http://a", "Max-Forwards: 5")[2], "Max-Forwards: 4");
  assertEquals(options("http://a", "Max-Forwards: x")[2], "Max-Forwards: x");
  const get = passedOn("GET http://a/ HTTP/1.1", "Host: a", "Max-Forwards: 5");
  assertEquals(get[2], "Max-Forwards: 5");
});

/** Fields about a message's connection, and those that are passed on. */
const fields: [name: string, lines: string[], left: string[]][] = [
  ["one name", ["Connection: X-Hop", "X-Hop: 1", "X-End: 2"], ["X-End: 2"]],
  ["a list", ["X-a: 1", "Connection: close, X-A ,x-B", "X-B: 2", "x-c: 3"], ["x-c: 3"]],
  ["several fields", ["Connection: a", "A: 1", "connection:\tB", "b: 2", "C: 3"], ["C: 3"]],
  ["any case", ["CONNECTION: KEEP-alive, x-HOP", "X-hop: 1"], []],
  ["fields that come twice", ["X: 1", "Connection: x", "x: 2"], []],
  ["empty members", ["Connection: ,, x,", "X: 1", "Y: 2"], ["Y: 2"]],
  ["its known fields", [
    "Keep-Alive: 5",
    "Proxy-Connection: keep-alive",
    "TE: trailers",
    "Upgrade: h2c",
    "Proxy-Authorization: x",
    "Proxy-Authenticate: Basic",
    "Proxy-Authentication-Info: x",
    "Trailer: X",
  ], ["Trailer: X"]],
  ["another Via", ["Via: 1.0 fred", "Via: 1.1 p.example"], ["Via: 1.0 fred", "Via: 1.1 p.example"]],
  ["names that delimit the content", [
    "Connection: Content-Length, Via",
    "Content-Length: 3",
    "Via: 1.0 fred",
  ], ["Content-Length: 3"]],
  ["a name of the coding", ["Connection: transfer-encoding", "Transfer-Encoding: chunked"], [
    "Transfer-Encoding: chunked",
  ]],
  ["a name that begins alike", ["Connection: X", "X-Y: 1", "X: 2"], ["X-Y: 1"]],
];

for (const [name, lines, left] of fields) {
  Deno.test(`an HTTP proxy drops what concerns one connection: ${name}`, () => {
    const request = passedOn("GET http://a/ HTTP/1.1", "Host: a", "Connection: Host", ...lines);
    assertEquals(request.slice(1), ["Host: a", ...left, "Via: 1.1 coax", "Connection: close"]);
    const answer = handedBack("HTTP/1.0 200 Fine", ...lines);
    assertEquals(answer, ["HTTP/1.1 200 Fine", ...left, "Via: 1.0 coax", "Connection: close"]);
    const interim = handedBack("HTTP/1.1 103 Early", ...lines);
    assertEquals(interim, ["HTTP/1.1 103 Early", ...left, "Via: 1.1 coax"]);
  });
}
