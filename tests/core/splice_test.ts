import { assert, assertEquals, assertRejects, assertThrows } from "@std/assert";
import type { Duplex } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
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
} from "../support/ends.ts";
import { isPending, soon } from "../support/wait.ts";

/** Two peers with a splice between them. */
function joined(until?: "both" | "second"): { first: Duplex; second: Duplex; over: Promise<void> } {
  const [first, near] = memoryPair();
  const [far, second] = memoryPair();
  return { first, second, over: splice([near, far], until) };
}

Deno.test("an end is passed on after the last byte, and the answer still comes", async () => {
  const { first, second, over } = joined();
  const answer = ask(first, "question");
  assertEquals(decode(await soon(readAll(second), "the question")), "question");
  assert(await isPending(over));
  await second.write(encode("answer"));
  await second.closeWrite();
  assertEquals(await soon(answer, "the answer"), "answer");
  await soon(over, "the splice");
});

Deno.test("until both, a splice goes on after the second end's", async () => {
  const { first, second, over } = joined("both");
  await second.closeWrite();
  assertEquals(await readAll(first), new Uint8Array());
  assert(await isPending(over));
  await first.write(encode("more"));
  assertEquals(decode(await readExactly(second, 4)), "more");
  await first.closeWrite();
  await soon(over, "the splice");
});

Deno.test("until second, the second end's end is enough", async () => {
  const { first, second, over } = joined("second");
  await second.write(encode("bye"));
  await second.closeWrite();
  await soon(over, "the splice");
  assertEquals(decode(await readAll(first)), "bye");
});

Deno.test("until second, the first end's end isn't enough", async () => {
  const { first, second, over } = joined("second");
  await first.closeWrite();
  assert(await isPending(over));
  await second.closeWrite();
  await soon(over, "the splice");
});

for (const until of ["both", "second"] as const) {
  for (const side of ["first", "second"] as const) {
    Deno.test(`until ${until}, a reset of the ${side} end ends the other at once`, async () => {
      const ends = joined(until);
      const reason = new BrokenError("receive from", "x", "reset by peer");
      ends[side].close(reason);
      assertEquals(await soon(assertRejects(() => ends.over), "the splice"), reason);
      const other = side === "first" ? ends.second : ends.first;
      assertEquals(await assertRejects(() => readAll(other)), reason);
    });
  }
}

for (const side of ["first", "second"] as const) {
  Deno.test(`a reason to close the ${side} end counts while the other is stalled`, async () => {
    const [busy, near] = memoryPair();
    const [far, stalled] = memoryPair(1);
    const over = splice(side === "first" ? [near, far] : [far, near]);
    await busy.write(encode("more than the stalled end takes"));
    await readExactly(stalled, 1);
    const reason = new BrokenError("idle", "x", "no byte for 1 s");
    near.close(reason);
    assertEquals(await soon(assertRejects(() => over), "the splice"), reason);
    assertEquals(await assertRejects(() => readAll(stalled)), reason);
  });
}

Deno.test("a splice is over when both ends are done with closing", async () => {
  const last = Promise.withResolvers<void>();
  const slow = Object.assign(new Script(), { closed: last.promise });
  const over = splice([slow, new Script()]);
  assert(await isPending(over));
  last.resolve();
  await over;
});

Deno.test("what only the very end shows is what a splice rejects with", async () => {
  const failure = new BrokenError("run", "exec:false", "the command exited with 1");
  const failed = Promise.reject(failure);
  failed.catch(() => {});
  const over = splice([Object.assign(new Script(), { closed: failed }), new Script()]);
  assertEquals(await assertRejects(() => over), failure);
});

Deno.test("messages are spliced as messages, both ways", async () => {
  const first = new MessageScript([{ data: encode("a") }, { data: encode("") }]);
  const second = new MessageScript([{ data: encode("b"), text: true }]);
  await splice([first, second]);
  assertEquals(second.sent, [{ data: encode("a") }, { data: encode("") }]);
  assertEquals(first.sent, [{ data: encode("b"), text: true }]);
  assert(first.writeEnded && second.writeEnded);
});

Deno.test("carry takes one direction and its end, and closes nothing", async () => {
  const [source, sink] = [new Script(["abc"]), new Script()];
  await carry([source, sink]);
  assertEquals([sink.text, sink.writeEnded, sink.closes.length], ["abc", true, 0]);
});

Deno.test("a stream and messages are no pair", () => {
  assertThrows(() => pairOf(new Script(), new MessageScript()), TypeError, "no frame");
  const [a, b] = [new Script(), new Script()];
  assert(pairOf(a, b)[0] === a);
});

Deno.test("splice delivers what an end said before it could no longer be written to", async () => {
  const failure = new BrokenError("send to", "x", "reset by peer");
  const first = new Script(["too large"]);
  const second = new Script(["too ", "late: ", "an answer"]);
  second.write = () => Promise.reject(failure);
  const heard: string[] = [];
  first.write = async (bytes) => {
    await Promise.resolve();
    heard.push(decode(bytes));
  };
  assertEquals(await assertRejects(() => splice([first, second])), failure);
  assertEquals(heard.join(""), "too late: an answer");
});

for (const ends of ["in order", "with an error", "never"] as const) {
  Deno.test(`until second, what the second end didn't take counts if it ends ${ends}`, async () => {
    const failure = new BrokenError("send to", "x", "already closed");
    const first = new Script(["too late"]);
    const second = new Script(["last words"]);
    const refused = Promise.withResolvers<void>();
    second.write = () => {
      refused.resolve();
      return Promise.reject(failure);
    };
    const woken = Promise.withResolvers<never>();
    woken.promise.catch(() => {}); // Nobody may be reading.
    second.close = (reason) => woken.reject(reason);
    const read = second.read.bind(second);
    const broken = new BrokenError("receive from", "x", "reset by peer");
    second.read = async (buffer) => {
      await refused.promise;
      const count = await read(buffer);
      if (count !== null || ends === "in order") return count;
      if (ends === "with an error") throw broken;
      return await woken.promise;
    };
    const over = soon(splice([first, second], "second"), "the splice");
    if (ends === "in order") await over;
    else assertEquals(await assertRejects(() => over), ends === "never" ? failure : broken);
    assertEquals(first.text, "last words");
  });
}

Deno.test("what only the very end shows doesn't cut what is still on its way", async () => {
  const closed = Promise.withResolvers<void>();
  closed.promise.catch(() => {});
  const source = new (class extends MessageScript {
    override readonly closed = closed.promise;
    override async receive() {
      const message = await super.receive();
      // The end comes from a close without a reason, as it does after `--linger`.
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
