/**
 * Every transport behind a splice, as in a relay: the same holds whatever carries the bytes. A
 * transport connects to a peer with one of a few behaviours.
 */
import { assert, assertEquals, assertRejects } from "@std/assert";
import type { Duplex } from "../src/core/duplex.ts";
import { BrokenError, ShutdownError } from "../src/core/errors.ts";
import { memoryPair } from "./support/memory.ts";
import { carry, splice } from "../src/core/splice.ts";
import { ask, encode, readAll } from "./support/connections.ts";
import { digest, randomBytes } from "./support/random.ts";
import { resettable } from "./support/reset.ts";
import { connect, descriptorsAreBack, service, socketPath } from "./support/transports.ts";
import { soon, until } from "./support/wait.ts";

/** What the peer does: sends all back; answers the number of bytes after EOF; reads nothing. */
type Behaviour = "echo" | "count" | "deaf";

interface Transport {
  readonly name: string;
  /** Connects to a peer with that behaviour; `stack` closes it. */
  reach(behaviour: Behaviour, stack: AsyncDisposableStack): Promise<Duplex>;
  /** A connection, and a function that makes its peer break it. */
  breakable(
    stack: AsyncDisposableStack,
  ): Promise<{ connection: Duplex; break: () => Promise<void> }>;
}

const behaviours: Record<Behaviour, (connection: Duplex) => Promise<unknown>> = {
  async echo(connection) {
    await carry([connection, connection]);
    connection.close();
  },
  async count(connection) {
    await connection.write(encode(String((await readAll(connection)).length)));
    connection.close();
  },
  deaf: (connection) => connection.closed,
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
    const { connection, reset } = await resettable();
    return { connection, break: reset };
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
    const accepted = Promise.withResolvers<Duplex>();
    stack.use(
      await service(
        `unix:${path}`,
        (connection) => (accepted.resolve(connection), connection.closed),
      ),
    );
    const connection = await connect(`unix:${path}`);
    return {
      connection,
      async break() {
        await connection.write(encode("never read")); // Unread bytes make a close a reset.
        (await accepted.promise).close();
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
    const connection = await connect("sh:read line; kill -9 $$");
    return { connection, break: () => connection.write(encode("now\n")) };
  },
};

const memory: Transport = {
  name: "memory",
  reach(behaviour) {
    const [client, server] = memoryPair();
    behaviours[behaviour](server).catch(() => {});
    return Promise.resolve(client);
  },
  breakable() {
    const [connection, server] = memoryPair();
    const reset = () => server.close(new BrokenError("receive from", "memory", "reset by peer"));
    return Promise.resolve({ connection, break: () => Promise.resolve(reset()) });
  },
};

/** A client whose bytes go to `target` through a splice. */
function relayed(target: Duplex): { client: Duplex; over: Promise<void> } {
  const [client, middle] = memoryPair();
  const over = splice([middle, target]);
  over.catch(() => {});
  return { client, over };
}

const MiB = 1024 * 1024;

for (const { name, reach, breakable } of [tcp, unix, exec, memory]) {
  Deno.test(`${name}: sent bytes come back, with EOF after them`, async () => {
    await using stack = new AsyncDisposableStack();
    const { client, over } = relayed(await reach("echo", stack));
    assertEquals(await soon(ask(client, "hello"), "the echo"), "hello");
    await soon(over, "the splice");
  });

  Deno.test(`${name}: an answer that waits for our EOF still arrives`, async () => {
    await using stack = new AsyncDisposableStack();
    const { client, over } = relayed(await reach("count", stack));
    assertEquals(await soon(ask(client, "12345"), "the answer"), "5");
    await soon(over, "the splice");
  });

  Deno.test(`${name}: 8 MiB each way at once, equal digests`, async () => {
    await using stack = new AsyncDisposableStack();
    const { client, over } = relayed(await reach("echo", stack));
    const bytes = randomBytes(8 * MiB);
    const sending = client.write(bytes).then(() => client.closeWrite());
    const back = new Uint8Array(await soon(readAll(client), "8 MiB", 30_000));
    assertEquals(await digest(back), await digest(bytes));
    await Promise.all([sending, over]);
  });

  Deno.test(`${name}: a reader that doesn't read stops the writer`, async () => {
    await using stack = new AsyncDisposableStack();
    stack.defer(descriptorsAreBack);
    const target = await reach("deaf", stack);
    const { client, over } = relayed(target);
    let sent = 0;
    let stopped = false;
    const chunk = new Uint8Array(64 * 1024);
    const sending = (async () => {
      for (; sent < 64 * MiB; sent += chunk.length) await client.write(chunk);
    })().catch(() => stopped = true);
    let before = -1;
    let still = 0;
    await until(() => {
      still = sent === before ? still + 1 : 0;
      before = sent;
      return still === 20;
    }, "the writer's stop");
    assert(sent < 16 * MiB, `${sent} bytes went nowhere`);
    target.close(new ShutdownError());
    await sending;
    assert(stopped);
    await soon(assertRejects(() => over, ShutdownError), "the splice");
  });

  Deno.test(`${name}: a peer that breaks the connection is an error for the client, not an EOF`, async () => {
    await using stack = new AsyncDisposableStack();
    stack.defer(descriptorsAreBack);
    const broken = await breakable(stack);
    const { client, over } = relayed(broken.connection);
    const reading = assertRejects(() => readAll(client), BrokenError);
    await broken.break();
    await soon(assertRejects(() => over, BrokenError), "the splice");
    await soon(reading, "the other leg");
  });
}

Deno.test("2000 of 2000 replies survive a half-close through a relay", async () => {
  await using counter = await service("0", behaviours.count);
  const [to] = counter.addresses;
  await using relay = await service("0", async (connection) => {
    await splice([connection, await connect(to!)]);
  });
  const [address] = relay.addresses;
  let next = 0;
  let replies = 0;
  const worker = async () => {
    while (next < 2000) {
      const text = "x".repeat(next++ % 50);
      const connection = await connect(address!);
      if (await ask(connection, text) === String(text.length)) replies++;
      connection.close();
    }
  };
  await soon(Promise.all(Array.from({ length: 20 }, worker)), "2000 replies", 60_000);
  assertEquals(replies, 2000);
});
