/** What is read while a write is under way goes out together, and nothing of it is lost. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { BufferPool } from "../../src/core/buffers.ts";
import { concat } from "../../src/core/bytes.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { gather } from "../../src/core/gather.ts";
import { SinkError } from "../../src/core/pump.ts";
import { decode, encode, Script } from "../support/connections.ts";
import { below, chop, generator, randomBytes } from "../support/random.ts";
import { drainEventLoop, isPending, soon } from "../support/wait.ts";

/** A source that sends what the test says, and ends as it says. */
class Told extends Script {
  #offer = Promise.withResolvers<Uint8Array | null>();
  #asked = Promise.withResolvers<void>();
  reads = 0;

  override async read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    this.#asked.resolve();
    const bytes = await this.#offer.promise;
    if (bytes === null) return null;
    this.#offer = Promise.withResolvers();
    this.#asked = Promise.withResolvers();
    buffer.set(bytes);
    return bytes.length;
  }

  /** Delivers `text` to the next read. */
  async sends(text: string): Promise<void> {
    await soon(this.#asked.promise, `a read for "${text}"`);
    this.#offer.resolve(encode(text));
    await drainEventLoop();
  }

  ends(): void {
    this.#offer.resolve(null);
  }

  fails(error: Error): void {
    this.#offer.reject(error);
  }
}

/** A sink whose writes last until the test lets them end. */
class Slow {
  readonly written: string[] = [];
  #end = Promise.withResolvers<void>();

  write(bytes: Uint8Array): Promise<void> {
    this.written.push(decode(bytes));
    this.#end = Promise.withResolvers();
    return this.#end.promise;
  }

  async takes(): Promise<void> {
    this.#end.resolve();
    await drainEventLoop();
  }

  fails(error: Error): void {
    this.#end.reject(error);
  }
}

const RESET = new BrokenError("receive from", "x", "reset by peer");

for (let seed = 1; seed <= 20; seed++) {
  Deno.test(`every byte arrives in order, however it is cut and delayed: seed ${seed}`, async () => {
    const random = generator(seed);
    const pause = async () => {
      if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, below(random, 3)));
    };
    const bytes = randomBytes(300_000);
    const source = new Script(chop(random, bytes, 40_000));
    const read = source.read.bind(source);
    source.read = async (buffer) => {
      await pause();
      return await read(buffer);
    };
    const written: Uint8Array[] = [];
    const write = async (piece: Uint8Array) => {
      await pause();
      written.push(piece.slice());
      await pause();
    };
    await gather(source, { write });
    assertEquals(concat(written), bytes);
  });
}

Deno.test("a read of nothing is no end, and holds up nothing", async () => {
  const sink = new Script();
  await gather(new Script(["", "one", "", "two", ""]), sink);
  assertEquals(sink.text, "onetwo");
});

Deno.test("what arrives during a write is the next write", async () => {
  const [source, sink] = [new Told(), new Slow()];
  const over = gather(source, sink);
  for (const text of ["one ", "two ", "three "]) await source.sends(text);
  assertEquals(sink.written, ["one "]);
  await sink.takes();
  assertEquals(sink.written, ["one ", "two three "]);
  await source.sends("four");
  await sink.takes();
  assertEquals(sink.written, ["one ", "two three ", "four"]);
  source.ends();
  assert(await isPending(over));
  await sink.takes();
  await soon(over, "the end");
});

Deno.test("what comes after all is written is written at once", async () => {
  const [source, sink] = [new Told(), new Slow()];
  const over = gather(source, sink);
  for (const text of ["one", "two", "three"]) {
    await source.sends(text);
    assertEquals(sink.written.at(-1), text);
    await sink.takes();
  }
  source.ends();
  await soon(over, "the end");
});

Deno.test("reading stops where the buffer is full", async () => {
  const source = new Script([new Uint8Array(10_000_000)]);
  let read = 0;
  const readOnce = source.read.bind(source);
  source.read = async (buffer) => {
    const count = await readOnce(buffer);
    read += count ?? 0;
    return count;
  };
  let taken = 0;
  let take = () => {};
  const sink: Pick<Duplex, "write"> = {
    write: ({ length }) =>
      new Promise((resolve) => {
        take = () => {
          taken += length;
          resolve();
        };
      }),
  };
  const over = gather(source, sink);
  while (await isPending(over)) {
    assert(read - taken <= 2 ** 20, `${read - taken} bytes wait`);
    take();
  }
  assertEquals([read, taken], [10_000_000, 10_000_000]);
});

Deno.test("a source that fails does so once all that it sent is written", async () => {
  const [source, sink] = [new Told(), new Slow()];
  const over = assertRejects(() => gather(source, sink));
  await source.sends("one ");
  await source.sends("two");
  source.fails(RESET);
  assert(await isPending(over));
  await sink.takes();
  assert(await isPending(over));
  assertEquals(sink.written, ["one ", "two"]);
  await sink.takes();
  assertEquals(await soon(over, "the failure"), RESET);
});

Deno.test("a write that fails is told at once, be the source silent or over", async () => {
  for (const end of ["silent", "ended", "failed"]) {
    const [source, sink] = [new Told(), new Slow()];
    const over = assertRejects(() => gather(source, sink), SinkError);
    await source.sends("one");
    if (end === "ended") source.ends();
    if (end === "failed") source.fails(RESET);
    const failure = new BrokenError("write", "stdout", "gone");
    sink.fails(failure);
    assertEquals((await soon(over, end)).failure, failure);
    assertEquals(source.reads, 2);
    source.ends();
  }
});

Deno.test("the buffer is lent again after an EOF that frees it, and nowhere else", async () => {
  const ends = [
    { name: "a socket's EOF", freesBuffer: true, isFree: true },
    { name: "stdin's EOF", freesBuffer: undefined, isFree: false },
    { name: "a failed write", freesBuffer: true, fails: true, isFree: false },
  ];
  for (const { name, freesBuffer, fails, isFree } of ends) {
    const pool = new BufferPool();
    const source = Object.assign(new Script(["x"]), { freesBuffer });
    let used: ArrayBufferLike | undefined;
    const read = source.read.bind(source);
    source.read = (buffer) => {
      used ??= buffer.buffer;
      return read(buffer);
    };
    const write = () => fails ? Promise.reject(RESET) : Promise.resolve();
    await gather(source, { write }, pool).catch(() => {});
    assertEquals(pool.lease().bytes.buffer === used, isFree, name);
  }
});
