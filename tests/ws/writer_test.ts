import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { Deflate } from "../../src/ws/deflate.ts";
import { FrameWriter } from "../../src/ws/writer.ts";
import { encode, Script } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";
import { bytes, frame, frames } from "./wire.ts";

/** Lengths on both sides of where a header grows, and of where writes are split. */
const LENGTHS = [0, 1, 125, 126, 65_535, 65_536, 70_000];

Deno.test("a server's frames are not masked, and their lengths in the shortest form", async () => {
  for (const length of LENGTHS) {
    const data = randomBytes(length);
    for (const [text, first] of [[true, 0x81], [false, 0x82]] as const) {
      const stream = new Script();
      await new FrameWriter(stream, { masked: false }).message({ data, text });
      assertEquals(concat(stream.written), frame(first, data), `${length} bytes`);
    }
  }
});

Deno.test("a client's frames are masked, and the sent data isn't modified", async () => {
  for (const length of LENGTHS) {
    const data = randomBytes(length);
    const before = data.slice();
    const stream = new Script();
    await new FrameWriter(stream, { masked: true }).message({ data });
    const written = concat(stream.written);
    assertEquals(data, before);
    assertEquals(written.length, frame(0x82, data).length + 4);
    const sent = { fin: true, rsv: 0, opcode: 2, masked: true, payload: data };
    assertEquals(frames(written), [sent]);
  }
});

Deno.test("every frame has a key of its own", async () => {
  const stream = new Script();
  const writer = new FrameWriter(stream, { masked: true });
  const count = 3000; // More than are drawn at once.
  for (let i = 0; i < count; i++) await writer.ping(new Uint8Array());
  const keys = new Set(stream.written.map((one) => one.slice(2).toHex()));
  assert(keys.size > count - 5, `${keys.size} keys`); // One in a million pairs may be the same.
});

Deno.test("control frames have their opcode and payload", async () => {
  const stream = new Script();
  const writer = new FrameWriter(stream, { masked: false });
  await writer.ping(encode("1"));
  await writer.pong(randomBytes(0));
  await writer.close(1000, "");
  await writer.close(4999, "größer");
  await writer.close(undefined, "");
  const expected = '89 01 "1" | 8a 00 | 88 02 03e8 | 88 0a 1387 "größer" | 88 00';
  assertEquals(stream.written, expected.split("|").map(bytes));
});

Deno.test("a compressed frame is marked, with its compressed length", async () => {
  const stream = new Script();
  const deflate = new Deflate({ maxMessage: 1 });
  const data = encode("x".repeat(5000));
  await new FrameWriter(stream, { masked: false, deflate }).message({ data, text: true });
  assertEquals(concat(stream.written), frame(0xc1, deflate.compress(data)));
});

/** A stream that takes writes one at a time, when the test lets it. */
class Slow extends Script {
  readonly #waiting: PromiseWithResolvers<void>[] = [];

  override write(bytes: Uint8Array): Promise<void> {
    const taken = Promise.withResolvers<void>();
    this.#waiting.push(taken);
    return taken.promise.then(() => super.write(bytes));
  }

  take(): void {
    this.#waiting.shift()!.resolve();
  }

  fail(problem: Error): void {
    this.#waiting.shift()!.reject(problem);
  }
}

Deno.test("frames that wait go out in one write of 64 KiB at most, a longer one alone", async () => {
  const stream = new Slow();
  const writer = new FrameWriter(stream, { masked: true });
  const lengths = [10, 20, 30, 40_000, 40_000, 100_000, 1, 2];
  const sending = lengths.map((length) => writer.message({ data: randomBytes(length) }));
  for (const index of [0, 3, 4, 5, 7]) {
    stream.take();
    await sending[index];
  }
  await Promise.all(sending);
  const written = stream.written.map((one) => frames(one).map(({ payload }) => payload.length));
  assertEquals(written, [[10], [20, 30, 40_000], [40_000], [100_000], [1, 2]]);
});

Deno.test("a write that fails fails every frame in it, and no other", async () => {
  const stream = new Slow();
  const writer = new FrameWriter(stream, { masked: false });
  const sending = [1, 2, 3].map((length) => writer.message({ data: new Uint8Array(length) }));
  stream.take();
  await sending[0];
  const failures = Promise.all(
    sending.slice(1).map((one) => assertRejects(() => one, Error, "no")),
  );
  stream.fail(new Error("no"));
  await failures;
  const last = writer.ping(new Uint8Array());
  stream.take();
  await last;
});
