import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { contentOf } from "../../src/http/framing.ts";
import { parseRequest } from "../../src/http/head.ts";
import { exchange } from "../../src/proxy/http_exchange.ts";
import { withheldTrailers } from "../../src/proxy/http_forward.ts";
import { decode, readAll, Script } from "../support/connections.ts";
import { soon } from "../support/wait.ts";

const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

/**
 * Both connections of an exchange of a request with these lines, whose sides send `asked` and
 * `answer`.
 */
function exchanged(lines: string, asked: string[], answer: string[]) {
  const head = parseRequest(`${lines}\r\nHost: a`);
  const content = contentOf(head, withheldTrailers(head.headers));
  const client = new Script(asked.map(latin1));
  const target = new Script(answer.map(latin1));
  return { client, sides: exchange(client, target, head, content) };
}

/** What the client receives. */
const toClient = async (answer: string[], lines = "GET http://a/ HTTP/1.1", size = 7) =>
  new TextDecoder("latin1").decode(await readAll(exchanged(lines, [], answer).sides[1], size));

/** What the target receives behind the head. */
const toTarget = async (asked: string[], lines: string, size = 7) =>
  decode(await readAll(exchanged(lines, asked, []).sides[0], size));

/** Cuts a text in two at each place. */
const cuts = (text: string) =>
  Array.from({ length: text.length + 1 }, (_, at) =>
    [text.slice(0, at), text.slice(at)]
      .filter((part) => part !== ""));

const NEXT = "GET http://b/ HTTP/1.1\r\nHost: b\r\n\r\n";
const POST = "POST http://a/ HTTP/1.1\r\n";

const requests: [name: string, lines: string, content: string, passed?: string][] = [
  ["Content-Length", `${POST}Content-Length: 5`, "hello"],
  ["nothing", "GET http://a/ HTTP/1.1", ""],
  ["chunks", `${POST}Transfer-Encoding: chunked`, '1;a=b;c="\\"d";e\r\nx\r\n0\r\nA: b\r\n\r\n'],
  [
    "trailers of one connection",
    `${POST}Transfer-Encoding: chunked\r\nConnection: X-Hop`,
    "1\r\nx\r\n0\r\nX-Hop: 1\r\nA: b\r\ncontent-length: 9\r\nKeep-Alive: 1\r\n\r\n",
    "1\r\nx\r\n0\r\nA: b\r\n\r\n",
  ],
];

for (const [name, lines, content, passed = content] of requests) {
  Deno.test(`a request ends with its content, however it is cut: ${name}`, async () => {
    for (const asked of cuts(content + NEXT)) assertEquals(await toTarget(asked, lines), passed);
  });
}

const OK = "HTTP/1.1 200 Fine\r\n";
const VIA = "Via: 1.1 coax\r\nConnection: close\r\n\r\n";
const CHUNKED = "Transfer-Encoding: chunked\r\n";

const answers: [name: string, head: string, content: string, method?: string][] = [
  ["Content-Length", `${OK}Content-Length: 5\r\n`, "hello"],
  ["chunks", `${OK}${CHUNKED}`, "5\r\nhello\r\n0\r\n\r\n"],
  ["chunks with trailers", `${OK}${CHUNKED}`, "5\r\nhello\r\n00\r\nX: \xe4\r\n\r\n"],
  ["HEAD", `${OK}Content-Length: 5\r\n`, "", "HEAD"],
  ["HEAD and chunks", `${OK}${CHUNKED}`, "", "HEAD"],
  ["204", "HTTP/1.1 204 None\r\n", ""],
  ["304", "HTTP/1.1 304 Same\r\nContent-Length: 5\r\n", ""],
  ["an empty content", `${OK}Content-Length: 0\r\n`, ""],
];

for (const [name, head, content, method = "GET"] of answers) {
  Deno.test(`an answer ends with its content, though its connection stays open: ${name}`, async () => {
    for (const answer of cuts(`${head}\r\n${content}HTTP/1.1 200 Another\r\n\r\n`)) {
      const all = await toClient(answer, `${method} http://a/ HTTP/1.1`);
      assertEquals(all, head + VIA + content);
    }
  });
}

Deno.test("an answer without a length ends with its connection", async () => {
  for (const coding of ["", "Transfer-Encoding: gzip\r\n"]) {
    const answer = `${OK}${coding}\r\nall of it`;
    for (const cut of cuts(answer)) {
      assertEquals(await toClient(cut), `${OK}${coding}${VIA}all of it`);
    }
  }
});

Deno.test("interim responses are passed on, unless the client speaks HTTP/1.0", async () => {
  const early = "HTTP/1.1 100 Continue\r\n";
  const last = "HTTP/1.1 204 None\r\n";
  const both = [`${early}\r\n${early}\r\n${last}\r\n`];
  const passed = `${early}Via: 1.1 coax\r\n\r\n`;
  assertEquals(await toClient(both), passed + passed + last + VIA);
  assertEquals(await toClient(both, "GET http://a/ HTTP/1.0"), last + VIA);
  const { sides: [, target] } = exchanged("GET http://a/ HTTP/1.1", [], [`${early}\r\n`, "HTTP"]);
  const buffer = new Uint8Array(100);
  const first = decode(buffer.subarray(0, (await target.read(buffer))!));
  assertEquals(first, passed, "it doesn't wait for the next one");
});

const broken: [name: string, answer: string, why: string][] = [
  ["nothing", "", "ended without an answer"],
  ["half a head", "HTTP/1.1 200 OK\r\nA", "inside an HTTP head"],
  ["no HTTP", "220 ready\r\n\r\n", "it doesn't speak HTTP"],
  ["an upgrade", "HTTP/1.1 101 Switching Protocols\r\n\r\nraw", "nobody asked for"],
  ["two lengths", `${OK}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello`, "Content-Length"],
  ["a length and chunks", `${OK}${CHUNKED}Content-Length: 5\r\n\r\n0\r\n\r\n`, "beside"],
  ["chunks in HTTP/1.0", `HTTP/1.0 200 OK\r\n${CHUNKED}\r\n0\r\n\r\n`, "HTTP/1.0"],
  ["chunks twice", `${OK}${CHUNKED}${CHUNKED}\r\n0\r\n\r\n`, "Transfer-Encoding"],
];

for (const [name, answer, why] of broken) {
  Deno.test(`a malformed answer is 502 for the client, and an error: ${name}`, async () => {
    // An answer to HEAD has no content that could be delimited wrongly.
    for (
      const method of answer.startsWith(OK) || answer.includes("1.0") ? ["GET"] : ["GET", "HEAD"]
    ) {
      const { sides: [, target] } = exchanged(`${method} http://a/ HTTP/1.1`, [], [answer]);
      let text = "";
      const reading = async () => {
        const buffer = new Uint8Array(50);
        for (let n = await target.read(buffer); n !== null; n = await target.read(buffer)) {
          text += decode(buffer.subarray(0, n));
        }
      };
      await assertRejects(reading, BrokenError, why);
      assertEquals(text.slice(0, 26), "HTTP/1.1 502 Bad Gateway\r\n");
      assertEquals(text.split("\r\n\r\n")[1] === "", method === "HEAD", text);
    }
  });
}

Deno.test("an answer that is cut short is an error, after its beginning was delivered", async () => {
  for (const answer of [`${OK}Content-Length: 9\r\n\r\nhello`, `${OK}${CHUNKED}\r\n5\r\nhel`]) {
    await assertRejects(() => toClient([answer]), BrokenError, "ended inside the content");
  }
});

Deno.test("content with malformed chunks is answered with 400, and an error", async () => {
  const lines = `${POST}Transfer-Encoding: chunked`;
  const { client, sides: [asking, answering] } = exchanged(lines, ["5\r\nhelloXX0\r\n\r\n"], []);
  await assertRejects(() => readAll(asking), BrokenError, "HTTP: malformed chunk");
  assertStringIncludes(client.text, "HTTP/1.1 400 Bad Request\r\n");
  assertEquals(
    await readAll(answering),
    new Uint8Array(),
    "the target's answer isn't delivered too",
  );
});

Deno.test("a target's reader is gone when both sides have sent everything, and not before", async () => {
  const request = `${POST}Content-Length: 5`;
  const { sides: [client, target] } = exchanged(request, ["hello"], ["HTTP/1.1 204 None\r\n\r\n"]);
  let over = false;
  target.readerGone!.then(() => over = true);
  await readAll(target);
  await Promise.resolve();
  assertEquals(over, false, "the client is still asking");
  await readAll(client);
  await soon(target.readerGone!, "readerGone");
});
