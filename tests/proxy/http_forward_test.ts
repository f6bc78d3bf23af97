import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { contentOf } from "../../src/http/content.ts";
import { parseRequest } from "../../src/http/head.ts";
import { authorityOf, lastAnswer, oneRequest, requestFor } from "../../src/proxy/http_forward.ts";
import { decode, readAll, Script } from "../support/ends.ts";

/** Lines as a head without its empty line. */
const head = (...lines: string[]) => lines.join("\r\n");

Deno.test("requestFor() names the path, the URL's host, and what is no business of the proxy", () => {
  const text = head(
    "GET http://user:pass@a:81?q HTTP/1.1",
    "Host: elsewhere",
    "X-Latin: \xe4",
    "Proxy-Authorization: Basic eA==",
    "Connection: keep-alive",
    "X-Latin: 2",
  );
  const request = parseRequest(text);
  assertEquals(authorityOf(request), "a:81");
  const expected = head(
    "GET /?q HTTP/1.1",
    "Host: a:81",
    "X-Latin: \xe4",
    "X-Latin: 2",
    "Connection: close",
    "\r\n",
  );
  assertEquals(new TextDecoder("latin1").decode(requestFor(text, request)), expected);
});

Deno.test("requestFor() speaks the client's version of HTTP", () => {
  const text = "GET http://a/ HTTP/1.0";
  assertEquals(
    decode(requestFor(text, parseRequest(text))),
    "GET / HTTP/1.0\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
});

Deno.test("oneRequest() ends the request's content, and hears nothing more but the end", async () => {
  for (const cut of [1, 5, 6, 30]) {
    const all = "hello" + "GET http://b/ HTTP/1.1\r\nHost: b\r\n\r\n";
    const client = new Script([all.slice(0, cut), all.slice(cut)]);
    const content = contentOf(new Headers({ "content-length": "5" }));
    assertEquals(decode(await readAll(oneRequest(client, content))), "hello");
  }
});

Deno.test("lastAnswer() says Connection: close, and changes nothing else", async () => {
  const answer = head(
    "HTTP/1.1 200 Fine",
    "X: \xe4",
    "Connection: keep-alive",
    "Keep-Alive: 5",
    "a: b",
  );
  const bytes = Uint8Array.from(`${answer}\r\n\r\nbody\r\n`, (c) => c.charCodeAt(0));
  for (let cut = 1; cut < bytes.length; cut++) {
    const target = lastAnswer(new Script([bytes.slice(0, cut), bytes.slice(cut)]));
    assertEquals(
      new TextDecoder("latin1").decode(await readAll(target, 7)),
      "HTTP/1.1 200 Fine\r\nX: \xe4\r\na: b\r\nConnection: close\r\n\r\nbody\r\n",
    );
  }
});

Deno.test("lastAnswer() passes on heads that only inform as soon as they come", async () => {
  const [early, last] = ["HTTP/1.1 100 Continue\r\n\r\n", "HTTP/1.1 204 None\r\n\r\n"];
  const changed = "HTTP/1.1 204 None\r\nConnection: close\r\n\r\n";
  assertEquals(decode(await readAll(lastAnswer(new Script([early + last])))), early + changed);
  const target = lastAnswer(new Script([early]));
  const buffer = new Uint8Array(100);
  assertEquals(decode(buffer.subarray(0, (await target.read(buffer))!)), early);
});

Deno.test("lastAnswer() rejects for what is no HTTP, and ends where nothing came", async () => {
  const target = lastAnswer(new Script(["220 ready\r\n\r\n"]));
  await assertRejects(() => readAll(target), BrokenError, "HTTP: malformed status line");
  assertEquals(await readAll(lastAnswer(new Script([]))), new Uint8Array());
});
