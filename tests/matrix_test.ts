/**
 * Every transport behind a splice, as a relay has it: the same things hold whatever carries the
 * bytes. A transport says how it reaches a peer that behaves in one of a few ways.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Duplex } from "../src/core/duplex.ts";
import { BrokenError, ShutdownError } from "../src/core/errors.ts";
import { memoryPair } from "./support/memory.ts";
import { carry, splice } from "../src/core/splice.ts";
import { ask, encode, readAll } from "./support/ends.ts";
import { digest, randomBytes } from "./support/random.ts";
import { resettable } from "./support/reset.ts";
import { connect, descriptorsAreBack, service, socketPath } from "./support/transports.ts";
import { soon, until } from "./support/wait.ts";

/** What the peer does: sends all back; answers the number of bytes after the end; reads nothing. */
type Behaviour = "echo" | "count" | "deaf";

interface Transport {
  readonly name: string;
  /** Connects to a peer with that behaviour, which `stack` ends. */
  reach(behaviour: Behaviour, stack: AsyncDisposableStack): Promise<Duplex>;
  /** A connection, and what makes its peer break it. */
  breakable(stack: AsyncDisposableStack): Promise<{ end: Duplex; break: () => Promise<void> }>;
}

const behaviours: Record<Behaviour, (end: Duplex) => Promise<unknown>> = {
  async echo(end) {
    await carry([end, end]);
    end.close();
  },
  async count(end) {
    await end.write(encode(String((await readAll(end)).length)));
    end.close();
  },
  deaf: (end) => end.closed,
};

/** Serves at `address` and connects to it. */
async function served(address: string, behaviour: Behaviour, stack: AsyncDisposableStack) {
  const { addresses } = stack.use(await service(address, behaviours[behaviour]));
  return await connect(addresses[0]!);
}

const tcp: Transport = {
  name: "tcp",
  reach: (behaviour, stack) => served("0", behaviour, stack),
  async breakable() {
    const { end, reset } = await resettable();
    return { end, break: reset };
  },
};

const unix: Transport = {
  name: "unix",
  async reach(behaviour, stack) {
    const { path } = stack.use(await socketPath());
    return await served(`unix:${path}`, behaviour, stack);
  },
  async breakable(stack) {
    const { path } = stack.use(await socketPath());
    const came = Promise.withResolvers<Duplex>();
    stack.use(await service(`unix:${path}`, (end) => (came.resolve(end), end.closed)));
    const end = await connect(`unix:${path}`);
    return {
      end,
      async break() {
        await end.write(encode("never read")); // Unread bytes make a close a reset.
        (await came.promise).close();
      },
    };
  },
};

const commands: Record<Behaviour, string> = {
  echo: "exec:cat",
  count: "sh:wc -c | tr -d ' \\n'",
  deaf: "exec:sleep 60",
};

const exec: Transport = {
  name: "exec",
  reach: (behaviour) => connect(commands[behaviour]),
  async breakable() {
    const end = await connect("sh:read line; kill -9 $$");
    return { end, break: () => end.write(encode("now\n")) };
  },
};

const memory: Transport = {
  name: "memory",
  reach(behaviour) {
    const [here, there] = memoryPair();
    behaviours[behaviour](there).catch(() => {});
    return Promise.resolve(here);
  },
  breakable() {
    const [end, there] = memoryPair();
    const reset = () => there.close(new BrokenError("receive from", "memory", "reset by peer"));
    return Promise.resolve({ end, break: () => Promise.resolve(reset()) });
  },
};

/** An end whose bytes go to `far` through a splice. */
function relayed(far: Duplex): { near: Duplex; over: Promise<void> } {
  const [near, middle] = memoryPair();
  const over = splice([middle, far]);
  over.catch(() => {});
  return { near, over };
}

const MiB = 1024 * 1024;

for (const { name, reach, breakable } of [tcp, unix, exec, memory]) {
  Deno.test(`${name}: what is sent comes back, with the end after it`, async () => {
    await using stack = new AsyncDisposableStack();
    const { near, over } = relayed(await reach("echo", stack));
    assertEquals(await soon(ask(near, "hello"), "the echo"), "hello");
    await soon(over, "the splice");
  });

  Deno.test(`${name}: an answer that waits for our end still comes`, async () => {
    await using stack = new AsyncDisposableStack();
    const { near, over } = relayed(await reach("count", stack));
    assertEquals(await soon(ask(near, "12345"), "the answer"), "5");
    await soon(over, "the splice");
  });

  Deno.test(`${name}: 8 MiB each way at once, equal digests`, async () => {
    await using stack = new AsyncDisposableStack();
    const { near, over } = relayed(await reach("echo", stack));
    const bytes = randomBytes(8 * MiB);
    const sending = near.write(bytes).then(() => near.closeWrite());
    const back = new Uint8Array(await soon(readAll(near), "8 MiB", 30_000));
    assertEquals(await digest(back), await digest(bytes));
    await Promise.all([sending, over]);
  });

  Deno.test(`${name}: a reader that doesn't read stops the writer`, async () => {
    await using stack = new AsyncDisposableStack();
    stack.defer(descriptorsAreBack);
    const far = await reach("deaf", stack);
    const { near, over } = relayed(far);
    let sent = 0;
    let stopped = false;
    const chunk = new Uint8Array(64 * 1024);
    const sending = (async () => {
      for (; sent < 64 * MiB; sent += chunk.length) await near.write(chunk);
    })().catch(() => stopped = true);
    let before = -1;
    let still = 0;
    await until(() => {
      still = sent === before ? still + 1 : 0;
      before = sent;
      return still === 20;
    }, "the writer's stop");
    assert(sent < 16 * MiB, `${sent} bytes went nowhere`);
    far.close(new ShutdownError());
    await sending;
    assert(stopped);
    await soon(assertRejects(() => over, ShutdownError), "the splice");
  });

  Deno.test(`${name}: a peer that breaks off is an error for the other leg, no end`, async () => {
    await using stack = new AsyncDisposableStack();
    stack.defer(descriptorsAreBack);
    const broken = await breakable(stack);
    const { near, over } = relayed(broken.end);
    const reading = assertRejects(() => readAll(near), BrokenError);
    await broken.break();
    await soon(assertRejects(() => over, BrokenError), "the splice");
    await soon(reading, "the other leg");
  });
}

Deno.test("2000 of 2000 replies survive a half-close through a relay", async () => {
  await using counter = await service("0", behaviours.count);
  const [to] = counter.addresses;
  await using relay = await service("0", async (end) => {
    await splice([end, await connect(to!)]);
  });
  const [address] = relay.addresses;
  let next = 0;
  let replies = 0;
  const worker = async () => {
    while (next < 2000) {
      const text = "x".repeat(next++ % 50);
      const end = await connect(address!);
      if (await ask(end, text) === String(text.length)) replies++;
      end.close();
    }
  };
  await soon(Promise.all(Array.from({ length: 20 }, worker)), "2000 replies", 60_000);
  assertEquals(replies, 2000);
});
