import { assert, assertEquals, assertRejects } from "@std/assert";
import { BufferPool } from "../../src/core/buffers.ts";
import { concat } from "../../src/core/bytes.ts";
import type { Message } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { forward, pump, SinkError } from "../../src/core/pump.ts";
import { encode, MessageScript, readExactly, Script } from "../support/connections.ts";
import { chop, generator, randomBytes } from "../support/random.ts";
import { isPending, soon } from "../support/wait.ts";

Deno.test("pump carries every byte in order, however it is cut", async () => {
  const bytes = randomBytes(1_000_000);
  const sink = new Script();
  await pump(new Script(chop(generator(1), bytes, 40_000)), sink);
  assertEquals(concat(sink.written), bytes);
});

Deno.test("pump leaves the sink open at the source's EOF", async () => {
  const sink = new Script();
  await pump(new Script(["all"]), sink);
  assertEquals([sink.text, sink.writeEnded, sink.closes.length], ["all", false, 0]);
});

Deno.test("pump reads no further than the sink has taken", async () => {
  let reads = 0;
  const source = new Script(["1", "2", "3"]);
  const read = source.read.bind(source);
  source.read = (buffer) => (reads++, read(buffer));
  const taken = Promise.withResolvers<void>();
  const pumping = pump(source, { write: () => taken.promise });
  assert(await isPending(pumping));
  assertEquals(reads, 1);
  taken.resolve();
  await pumping;
  assertEquals(reads, 4);
});

Deno.test("pump rejects with the error of a read or a write, and gives its buffer back", async () => {
  const failure = new BrokenError("receive from", "x", "reset by peer");
  const pool = new BufferPool();
  let released = 0;
  const lease = pool.lease.bind(pool);
  pool.lease = () => {
    const one = lease();
    const release = one.release.bind(one);
    one.release = () => (released++, release());
    return one;
  };
  const source = new Script();
  source.read = () => Promise.reject(failure);
  assertEquals(await assertRejects(() => pump(source, new Script(), pool)), failure);
  const refusing = { write: () => Promise.reject(failure) };
  const error = await assertRejects(() => pump(new Script(["x"]), refusing, pool), SinkError);
  assertEquals(error.failure, failure);
  assertEquals(released, 2);
});

Deno.test("pump lends its buffer again where EOF frees it, and nowhere else", async () => {
  const ends = [
    { name: "a socket's EOF", freesBuffer: true, sink: new Script(), isFree: true },
    { name: "stdin's EOF", freesBuffer: undefined, sink: new Script(), isFree: false },
    { name: "a failed write", freesBuffer: true, sink: broken(), isFree: false },
  ];
  for (const { name, freesBuffer, sink, isFree } of ends) {
    const pool = new BufferPool();
    const source = Object.assign(new Script(["x"]), { freesBuffer });
    let used: Uint8Array | undefined;
    const read = source.read.bind(source);
    source.read = (buffer) => read(used = buffer);
    await pump(source, sink, pool).catch(() => {});
    assertEquals(pool.lease().bytes === used, isFree, name);
  }
});

/** A sink that takes nothing. */
function broken(): { write(): Promise<void> } {
  return { write: () => Promise.reject(new BrokenError("send to", "x", "reset by peer")) };
}

Deno.test("pump takes what is available before it waits for more", async () => {
  const [client, target] = memoryPair();
  const [out, seen] = memoryPair();
  const pumping = pump(target, out);
  await client.write(encode("first"));
  assertEquals(await soon(readExactly(seen, 5), "the first bytes"), encode("first"));
  await client.closeWrite();
  await pumping;
});

Deno.test("forward keeps message boundaries, types and empty messages", async () => {
  const messages = [
    { data: encode("a"), text: true },
    { data: new Uint8Array(), text: false },
    { data: encode("bc") },
  ];
  const sink = new MessageScript();
  await forward(new MessageScript(messages), sink);
  assertEquals(sink.sent, messages);
});

/** A source of messages that have all arrived. */
class Arrived extends MessageScript {
  constructor(private readonly left: Message[]) {
    super();
  }
  override receive(): Promise<Message | null> {
    return Promise.resolve(this.left.shift() ?? null);
  }
  received(): Message | undefined {
    return this.left.shift();
  }
}

const numbered = (count: number): Message[] =>
  Array.from({ length: count }, (_, i) => ({ data: Uint8Array.of(i) }));

Deno.test("forward sends what has arrived together where the sink queues, else one by one", async () => {
  for (const queues of [true, false]) {
    const taken = Promise.withResolvers<void>();
    const sent: Message[] = [];
    const send = (message: Message) => (sent.push(message), taken.promise);
    const forwarding = forward(new Arrived(numbered(5)), { queues, send });
    assert(await isPending(forwarding));
    assertEquals(sent, numbered(queues ? 5 : 1));
    taken.resolve();
    await soon(forwarding, "the end");
    assertEquals(sent, numbered(5));
  }
});

Deno.test("forward rejects where one of the messages that were sent together fails", async () => {
  const failure = new BrokenError("send to", "x", "broken pipe");
  const send = ({ data }: Message) => data[0] === 1 ? Promise.reject(failure) : Promise.resolve();
  const forwarding = forward(new Arrived(numbered(5)), { queues: true, send });
  assertEquals((await assertRejects(() => forwarding, SinkError)).failure, failure);
});
