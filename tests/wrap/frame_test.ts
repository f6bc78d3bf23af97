import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Channel, Message } from "../../src/core/duplex.ts";
import { concat } from "../../src/core/bytes.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { type Frame, frame, type FrameOptions, FRAMES, withoutEnd } from "../../src/wrap/frame.ts";
import { decode, encode, readAll, Script } from "../support/connections.ts";
import { below, chop, generator, pick } from "../support/random.ts";

/** All messages until EOF, each copied: a channel may reuse the bytes. */
async function receiveAll(channel: Channel): Promise<Message[]> {
  const messages: Message[] = [];
  for (let m = await channel.receive(); m; m = await channel.receive()) {
    messages.push({ ...m, data: m.data.slice() });
  }
  return messages;
}

/** The messages of `chunks` in a frame, as text. */
async function texts(name: Frame, chunks: (string | Uint8Array)[], options?: FrameOptions) {
  const messages = await receiveAll(frame(new Script(chunks), name, options));
  return messages.map(({ data }) => decode(data));
}

/** The bytes that messages are framed as. */
async function written(name: Frame, messages: Message[]): Promise<Uint8Array> {
  const script = new Script();
  const channel = frame(script, name);
  for (const message of messages) await channel.send(message);
  return concat(script.written);
}

function failure(name: Frame, chunks: (string | Uint8Array)[], words: string, maxMessage?: number) {
  return assertRejects(() => texts(name, chunks, { maxMessage }), BrokenError, words);
}

const message = (text: string): Message => ({ data: encode(text) });

Deno.test("raw: each read is one message and each message is written as it is", async () => {
  assertEquals(await texts("raw", ["one\n", "two"]), ["one\n", "two"]);
  assertEquals(decode(await written("raw", [message("a\0"), message(""), message("b")])), "a\0b");
});

Deno.test("raw: no message is longer than a datagram can be", async () => {
  const sizes = (await receiveAll(frame(new Script([new Uint8Array(200_000)]), "raw")))
    .map(({ data }) => data.length);
  assert(sizes.every((size) => size <= 65_507), `${sizes}`);
  assertEquals(sizes.reduce((sum, size) => sum + size), 200_000);
});

Deno.test("line: newlines are stripped and put back, whatever else a line has", async () => {
  assertEquals(await texts("line", ["on", "e\ntw", "o\r\n", "\n\nlast"]), [
    "one",
    "two\r",
    "",
    "",
    "last",
  ]);
  assertEquals(decode(await written("line", [message("one"), message("")])), "one\n\n");
});

Deno.test("nul: zero bytes are stripped and put back", async () => {
  assertEquals(await texts("nul", ["a\nb\0\0c"]), ["a\nb", "", "c"]);
  assertEquals(decode(await written("nul", [message("a\n")])), "a\n\0");
});

Deno.test("len4: the length precedes each message, 32 bits big-endian", async () => {
  assertEquals([...await written("len4", [message("abc"), message("")])], [
    ...[0, 0, 0, 3, 97, 98, 99],
    ...[0, 0, 0, 0],
  ]);
  assertEquals(await texts("len4", [Uint8Array.of(0, 0, 0, 2, 97), "b\0\0\0\0"]), ["ab", ""]);
});

Deno.test("jsonl: text and bytes are distinguished", async () => {
  const bytes = Uint8Array.of(0xff, 0);
  const sent: Message[] = [
    { data: encode("é\n"), text: true },
    { data: bytes, text: false },
    { data: bytes },
    { data: encode("untyped") },
  ];
  assertEquals(
    decode(await written("jsonl", sent)),
    '{"text":"é\\n"}\n{"base64":"/wA="}\n{"base64":"/wA="}\n{"text":"untyped"}\n',
  );
  const received = await receiveAll(
    frame(new Script(['{"text":"é\\n", "t": 1}\r\n{"base64":"/wA="}']), "jsonl"),
  );
  assertEquals(received, [{ data: encode("é\n"), text: true }, { data: bytes, text: false }]);
});

Deno.test("jsonl: a byte order mark and every code unit come back", async () => {
  const text = "\ufeff\u2028\0\x7f\u202e😀";
  const sent: Message[] = [{ data: encode(text), text: true }];
  assertEquals(await receiveAll(frame(new Script([await written("jsonl", sent)]), "jsonl")), sent);
});

Deno.test("jsonl: a malformed line is named by its number", async () => {
  for (
    const line of ["", "text", "[]", "null", "{}", '{"text":1}', '{"base64":"*"}'].concat(
      ['{"text":"","base64":""}', '{"text":"\\ud800"}', '{"text":"a"'],
    )
  ) {
    await failure("jsonl", ['{"text":""}\n', `${line}\n`], "receive from script: line 2: expected");
  }
});

Deno.test("jsonl: a line much longer than its text isn't parsed: a byte of it could take thirty", async () => {
  const aside = (filler: string) => `{"text":"hi","aside":[${Array(900).fill(filler).join()}]}\n`;
  for (const filler of ["[]", "{}", "0.1", '""', '{"a":1}', "null"]) {
    await failure("jsonl", [aside(filler)], 'line 1: expected {"text": …} or {"base64": …}');
  }
  const long = '"'.repeat(100_000);
  const line = JSON.stringify({ text: long, aside: [long, 1, {}] });
  assertEquals(await texts("jsonl", [line + "\n"]), [long]);
});

Deno.test("a message over the limit is an error before it is stored", async () => {
  for (const [name, chunk] of [["line", "12345"], ["nul", "12345"]] as const) {
    assertEquals(await texts(name, ["1234"], { maxMessage: 4 }), ["1234"]);
    await failure(name, [chunk], "longer than 4 bytes", 4);
    await failure(name, ["123", "45"], "longer than 4 bytes", 4);
  }
  await failure("len4", [Uint8Array.of(0xff, 0xff, 0xff, 0xff)], "longer than 16777216");
  await failure("jsonl", ['{"text":"12345"}\n'], "line 1: a message is longer than 4 bytes", 4);
  await failure("jsonl", [" ".repeat(3000)], "longer than", 4);
});

Deno.test("len4: a stream that ends inside of a message is an error", async () => {
  for (const cut of [[0], [0, 0, 0], [0, 0, 0, 2], [0, 0, 0, 2, 97]]) {
    await failure("len4", [Uint8Array.from(cut)], "unexpected end");
  }
});

Deno.test("a message has the type that was chosen", async () => {
  for (const text of [true, false, undefined]) {
    const channel = frame(new Script(["a\n"]), "line", { text });
    assertEquals((await channel.receive())?.text, text);
  }
});

Deno.test("a frame half-closes, closes and names its peer as the stream does", async () => {
  const [client, target] = memoryPair();
  const channel = frame(client, "line");
  assertEquals([channel.peer, channel.halfClose], [client.peer, true]);
  await channel.send(message("last"));
  await channel.closeWrite();
  assertEquals(decode(await readAll(target)), "last\n");
  channel.close(new BrokenError("", "", "over"));
  await assertRejects(() => channel.receive(), BrokenError, "over");
  await channel.closed;
});

Deno.test("a long line in small pieces takes time in proportion to its length", async () => {
  const bytes = new Uint8Array(4 * 1024 * 1024).fill(97);
  const chunks = Array.from({ length: 4096 }, (_, i) => bytes.subarray(i * 1024, (i + 1) * 1024));
  const start = performance.now();
  const [line] = await receiveAll(frame(new Script(chunks), "line"));
  assertEquals(line?.data.length, bytes.length);
  const took = performance.now() - start;
  // Copying everything for every piece would move 8 GiB, and take four times as long as this.
  const copy = new Uint8Array(bytes.length);
  const copying = performance.now();
  for (let i = 0; i < 512; i++) copy.set(bytes);
  const limit = performance.now() - copying;
  assert(took < limit, `${took} ms, and 2 GiB are copied in ${limit} ms`);
});

/** A message that the frame can carry without loss. */
function anyMessage(random: () => number, name: Frame): Message {
  const alphabet = pick(random, [[0, 10, 13, 97], [97, 98], [0xc3, 0xa9, 0xff, 0x80]]);
  const data = Uint8Array.from({ length: below(random, 12) }, () => pick(random, alphabet));
  const forbidden = name === "line" ? 10 : name === "nul" ? 0 : undefined;
  return { data: data.filter((byte) => byte !== forbidden), text: false };
}

for (const name of FRAMES.filter((name) => name !== "raw")) {
  Deno.test(`${name}: random messages survive random chunking`, async () => {
    for (let seed = 1; seed <= 300; seed++) {
      const random = generator(seed);
      const sent = Array.from({ length: below(random, 20) }, () => anyMessage(random, name));
      const bytes = await written(name, sent);
      const chunks = chop(random, bytes, pick(random, [1, 3, 20, 500]));
      const received = await receiveAll(frame(new Script(chunks), name, { text: false }));
      assertEquals(received, sent, `seed ${seed}`);
    }
  });

  Deno.test(`${name}: random garbage gives messages or an error, however it is cut`, async () => {
    for (let seed = 1; seed <= 200; seed++) {
      const random = generator(seed);
      const bytes = Uint8Array.from(
        { length: below(random, 60) },
        () => pick(random, [0, 0, 0, 3, 10, 34, 58, 97, 123, 125, 255]),
      );
      const outcome = (chunks: Uint8Array[]) =>
        texts(name, chunks, { maxMessage: 100 }).catch((error: Error) => error.message);
      const whole = await outcome([bytes]);
      assertEquals(await outcome(chop(random, bytes, 5)), whole, `seed ${seed}`);
    }
  });
}

Deno.test("withoutEnd() takes away only what ends a message of its own", () => {
  const left = (text: string, name: Frame) => decode(withoutEnd(encode(text), name));
  assertEquals(left("x\ny\n", "line"), "x\ny");
  assertEquals(left("x\n\n", "line"), "x\n");
  assertEquals(left("", "line"), "");
  assertEquals(left("x\0y\0", "nul"), "x\0y");
  for (const name of ["raw", "len4", "jsonl"] as const) {
    assertEquals(left("x\n\0\n", name), "x\n\0\n");
  }
});

Deno.test("an unfinished message is reported at the close, once, and nothing else is", async () => {
  const cases: [name: Frame, says: Uint8Array, bytes: number][] = [
    ["line", encode("whole\npart"), 4],
    ["nul", encode("whole\0part"), 4],
    ["jsonl", encode('{"text":"whole"}\n{"te'), 4],
    ["len4", Uint8Array.of(0, 0, 0, 1, 9, 0, 0), 2],
    ["len4", Uint8Array.of(0, 0, 0, 1, 9, 0, 0, 0, 2, 9), 5],
    ["line", encode("whole\n"), 0],
    ["raw", encode("whole"), 0],
  ];
  for (const [name, sent, bytes] of cases) {
    for (const reason of [undefined, new BrokenError("receive from", "p", "reset by peer")]) {
      const reported: number[] = [];
      const [client, target] = memoryPair();
      const channel = frame(target, name, { unfinished: (count) => reported.push(count) });
      await client.write(sent);
      assertEquals((await channel.receive())!.data.length > 0, true);
      const next = channel.receive().catch(() => null);
      await new Promise((resolve) => setTimeout(resolve, 0));
      channel.close(reason);
      channel.close();
      await next;
      assertEquals(reported, bytes > 0 ? [bytes] : [], name);
    }
  }
});

Deno.test("a message that EOF finishes is not reported", async () => {
  for (const name of ["line", "nul"] as const) {
    const reported: number[] = [];
    const channel = frame(new Script(["part"]), name, {
      unfinished: (count) => reported.push(count),
    });
    assertEquals(decode((await channel.receive())!.data), "part");
    assertEquals(await channel.receive(), null);
    channel.close();
    assertEquals(reported, []);
  }
});
