import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError, CloseError, ReaderGoneError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { carry, pairOf, splice } from "../../src/core/splice.ts";
import {
  ask,
  decode,
  encode,
  MessageScript,
  readAll,
  readExactly,
  Script,
} from "../support/connections.ts";
import { isPending, soon } from "../support/wait.ts";

/** Two peers with a splice between them. */
function joined(
  until?: "both" | "target",
): { client: Duplex; target: Duplex; over: Promise<void> } {
  const [client, clientSide] = memoryPair();
  const [targetSide, target] = memoryPair();
  return { client, target, over: splice([clientSide, targetSide], until) };
}

Deno.test("EOF is passed on after the last byte, and the answer still arrives", async () => {
  const { client, target, over } = joined();
  const answer = ask(client, "question");
  assertEquals(decode(await soon(readAll(target), "the question")), "question");
  assert(await isPending(over));
  await target.write(encode("answer"));
  await target.closeWrite();
  assertEquals(await soon(answer, "the answer"), "answer");
  await soon(over, "the splice");
});

Deno.test("until both, a splice goes on after the target's EOF", async () => {
  const { client, target, over } = joined("both");
  await target.closeWrite();
  assertEquals(await readAll(client), new Uint8Array());
  assert(await isPending(over));
  await client.write(encode("more"));
  assertEquals(decode(await readExactly(target, 4)), "more");
  await client.closeWrite();
  await soon(over, "the splice");
});

Deno.test("until target, the target's EOF finishes the splice", async () => {
  const { client, target, over } = joined("target");
  await target.write(encode("bye"));
  await target.closeWrite();
  await soon(over, "the splice");
  assertEquals(decode(await readAll(client)), "bye");
});

Deno.test("until target, the client's EOF doesn't finish the splice", async () => {
  const { client, target, over } = joined("target");
  await client.closeWrite();
  assert(await isPending(over));
  await target.closeWrite();
  await soon(over, "the splice");
});

for (const until of ["both", "target"] as const) {
  for (const side of ["client", "target"] as const) {
    Deno.test(`until ${until}, a reset of the ${side} closes the other connection at once`, async () => {
      const ends = joined(until);
      const reason = new BrokenError("receive from", "x", "reset by peer");
      ends[side].close(reason);
      assertEquals(await soon(assertRejects(() => ends.over), "the splice"), reason);
      const other = side === "client" ? ends.target : ends.client;
      assertEquals(await assertRejects(() => readAll(other)), reason);
    });
  }
}

for (const side of ["client", "target"] as const) {
  Deno.test(`a reason to close the ${side} counts while the other is stalled`, async () => {
    const [busy, clientSide] = memoryPair();
    const [targetSide, stalled] = memoryPair(1);
    const over = splice(side === "client" ? [clientSide, targetSide] : [targetSide, clientSide]);
    await busy.write(encode("more than the stalled end takes"));
    await readExactly(stalled, 1);
    const reason = new BrokenError("idle", "x", "no byte for 1 s");
    clientSide.close(reason);
    assertEquals(await soon(assertRejects(() => over), "the splice"), reason);
    assertEquals(await assertRejects(() => readAll(stalled)), reason);
  });
}

Deno.test("a splice is over when both connections have closed", async () => {
  const last = Promise.withResolvers<void>();
  const slow = Object.assign(new Script(), { closed: last.promise });
  const over = splice([slow, new Script()]);
  assert(await isPending(over));
  last.resolve();
  await over;
});

Deno.test("an error that only closing shows is what a splice rejects with", async () => {
  const failure = new BrokenError("run", "exec:false", "the command exited with 1");
  const failed = Promise.reject(failure);
  failed.catch(() => {});
  const over = splice([Object.assign(new Script(), { closed: failed }), new Script()]);
  assertEquals(await assertRejects(() => over), failure);
});

Deno.test("messages are spliced as messages, both ways", async () => {
  const client = new MessageScript([{ data: encode("a") }, { data: encode("") }]);
  const target = new MessageScript([{ data: encode("b"), text: true }]);
  await splice([client, target]);
  assertEquals(target.sent, [{ data: encode("a") }, { data: encode("") }]);
  assertEquals(client.sent, [{ data: encode("b"), text: true }]);
  assert(client.writeEnded && target.writeEnded);
});

Deno.test("carry takes one direction and its EOF, and closes nothing", async () => {
  const [source, sink] = [new Script(["abc"]), new Script()];
  await carry([source, sink]);
  assertEquals([sink.text, sink.writeEnded, sink.closes.length], ["abc", true, 0]);
});

Deno.test("a stream and messages can't be spliced", () => {
  assertThrows(() => pairOf(new Script(), new MessageScript()), TypeError, "no frame");
  const [a, b] = [new Script(), new Script()];
  assert(pairOf(a, b)[0] === a);
});

Deno.test("splice delivers what a peer sent before writing to it failed", async () => {
  const failure = new BrokenError("send to", "x", "reset by peer");
  const client = new Script(["too large"]);
  const target = new Script(["too ", "late: ", "an answer"]);
  target.write = () => Promise.reject(failure);
  const received: string[] = [];
  client.write = async (bytes) => {
    await Promise.resolve();
    received.push(decode(bytes));
  };
  assertEquals(await assertRejects(() => splice([client, target])), failure);
  assertEquals(received.join(""), "too late: an answer");
});

for (const ends of ["in order", "with an error", "never"] as const) {
  Deno.test(`until target, bytes that the target didn't take count if it ends ${ends}`, async () => {
    const failure = new BrokenError("send to", "x", "already closed");
    const client = new Script(["too late"]);
    const target = new Script(["last words"]);
    const refused = Promise.withResolvers<void>();
    target.write = () => {
      refused.resolve();
      return Promise.reject(failure);
    };
    const woken = Promise.withResolvers<never>();
    woken.promise.catch(() => {}); // Nobody may be reading.
    target.close = (reason) => woken.reject(reason);
    const read = target.read.bind(target);
    const broken = new BrokenError("receive from", "x", "reset by peer");
    target.read = async (buffer) => {
      await refused.promise;
      const count = await read(buffer);
      if (count !== null || ends === "in order") return count;
      if (ends === "with an error") throw broken;
      return await woken.promise;
    };
    const over = soon(splice([client, target], "target"), "the splice");
    if (ends === "in order") await over;
    else assertEquals(await assertRejects(() => over), ends === "never" ? failure : broken);
    assertEquals(client.text, "last words");
  });
}

Deno.test("an error that only closing shows doesn't cut what is still on its way", async () => {
  const closed = Promise.withResolvers<void>();
  closed.promise.catch(() => {});
  const source = new (class extends MessageScript {
    override readonly closed = closed.promise;
    override async receive() {
      const message = await super.receive();
      // The EOF comes from a close without a reason, as it does after `--linger`.
      if (!message) closed.reject(new BrokenError("send to", "script", "one was too long"));
      return message;
    }
  })([{ data: encode("last") }]);
  const sink = new (class extends MessageScript {
    override async closeWrite() {
      await new Promise((resolve) => setTimeout(resolve, 0));
      await super.closeWrite();
    }
  })();
  await assertRejects(() => splice([source, sink]), BrokenError, "too long");
  assertEquals([sink.sent.length, sink.writeEnded, sink.closes[0]], [1, true, undefined]);
});

for (const [code, passed] of [[4001, true], [1006, false]] as const) {
  Deno.test(`a source that is closed with ${code} has EOF passed on before the close: ${passed}`, async () => {
    const failure = new CloseError("x", code, "");
    const source = new MessageScript([{ data: encode("last") }]);
    const receive = source.receive.bind(source);
    source.receive = async () => await receive() ?? Promise.reject(failure);
    const sink = new MessageScript();
    const closed = Promise.withResolvers<null>();
    sink.receive = () => closed.promise;
    sink.close = (reason) => {
      sink.closes.push(reason);
      closed.resolve(null);
    };
    assertEquals(await assertRejects(() => splice([source, sink])), failure);
    assertEquals([sink.sent.length, sink.writeEnded, sink.closes[0]], [1, passed, failure]);
  });
}

Deno.test("messages for a peer that has closed are dropped, and counted at the end", async () => {
  const source = new MessageScript(["a", "b", "c"].map((text) => ({ data: encode(text) })));
  const sink = new MessageScript();
  sink.send = () => Promise.reject(new ReaderGoneError("x"));
  const dropped: [unknown, number][] = [];
  await splice([source, sink], "both", (...one) => dropped.push(one));
  assertEquals(dropped, [[sink, 3]]);
});
