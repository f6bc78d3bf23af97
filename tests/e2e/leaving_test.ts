/** Resets that are no failures, and what is delivered before one. */
import { assertEquals } from "@std/assert";
import { descriptorOf } from "../../src/transports/held.ts";
import { libc } from "../../src/transports/libc.ts";
import { Coax } from "./coax.ts";
import { connectTo, LARGE, listenHere, randomBytes, receive, receiveText } from "./peers.ts";
import { send, sha256, soon } from "./peers.ts";

libc(); // It stays open from its first use on, which a test would be blamed for.

/** Ends a connection with RST. */
function reset(conn: Deno.Conn): void {
  descriptorOf(conn)!.abort();
  conn.close();
}

/** A relay, and both sides of its one connection. */
async function connected(stack: AsyncDisposableStack, ...more: string[]) {
  const target = stack.use(listenHere());
  const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", target.address, "-v", ...more]));
  const visitor = stack.use(await connectTo(await relay.address()));
  await send(visitor, "request");
  const far = stack.use(await target.accept());
  assertEquals(await receiveText(far, 7), "request");
  return { relay, visitor, far };
}

const FAILURE = /^(coax: )?\[1\] (?:receive from|send to|half-close to) \S+: (.*)$/m;

const UPGRADE = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** How a command tells of its first connection's failure: as an error, or as news. */
async function told(command: Coax): Promise<"error" | "news"> {
  const [, error] = await command.logs(FAILURE);
  return error ? "error" : "news";
}

async function fate(conn: Deno.Conn): Promise<string> {
  return await receive(conn).then(() => "end", (error) => error.name);
}

Deno.test("a visitor that leaves with the answer unread is news for a relay", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack);
  await send(far, "answer");
  await far.closeWrite();
  await relay.logs(/we are done sending to \S+, after 6 bytes/);
  reset(visitor);
  assertEquals([await fate(far), await told(relay)], ["ConnectionReset", "news"]);
});

for (const from of ["127.0.0.1:0", "ws://127.0.0.1:0"]) {
  Deno.test(`a member of a chat at ${from} that leaves with the welcome unread is news`, async () => {
    await using chat = Coax.start(["chat", from, "-v"]);
    const address = await chat.address();
    using member = await connectTo(address);
    if (from.startsWith("ws:")) await send(member, UPGRADE);
    await chat.logs(/comes into main/);
    reset(member);
    assertEquals(await told(chat), "news");
  });
}

Deno.test("a visitor that ends its side and is gone when the answer comes is news too", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack);
  visitor.close();
  assertEquals(await receiveText(far), "");
  await relay.logs(/we are done sending to \S+, after 7 bytes/);
  while (!FAILURE.test(relay.stderr)) {
    await send(far, "answer").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(await told(relay), "news");
});

Deno.test("a target that resets instead of answering is an error, though it has heard the end", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack);
  await visitor.closeWrite();
  assertEquals(await receiveText(far), "");
  await send(far, "answ");
  assertEquals(await receiveText(visitor, 4), "answ");
  reset(far);
  assertEquals([await fate(visitor), await told(relay)], ["ConnectionReset", "error"]);
});

Deno.test("what a target said before its reset arrives whole, and then the reset", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack);
  const answer = randomBytes(LARGE);
  const sending = send(far, answer);
  const heard = await receive(visitor, LARGE - 2_000_000);
  await sending;
  while (descriptorOf(far)!.unsent > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  reset(far);
  const rest = await receive(visitor, 2_000_000);
  assertEquals(await sha256(new Uint8Array([...heard, ...rest])), await sha256(answer));
  assertEquals([await fate(visitor), await told(relay)], ["ConnectionReset", "error"]);
});

Deno.test("a reset is passed on while both directions are blocked", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack);
  const flood = async (conn: Deno.Conn) => {
    while (true) await conn.write(new Uint8Array(100_000));
  };
  const [there, back] = [flood(visitor), flood(far)].map((work) => work.catch(({ name }) => name));
  await standsStill(() => descriptorOf(visitor)!.unsent + descriptorOf(far)!.unsent);
  reset(visitor);
  // The kernel tells one call of it, which is the one that waits.
  assertEquals(await soon(back!, "the target to notice"), "ConnectionReset");
  assertEquals(await told(relay), "error");
  await there;
});

/** Waits until a number above zero has been the same for a while. */
async function standsStill(read: () => number): Promise<void> {
  for (let [last, times] = [0, 0]; times < 20; last = read()) {
    times = read() === last && last > 0 ? times + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("--reset-after resets both sides, after exactly its bytes", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, visitor, far } = await connected(stack, "--reset-after", "10");
  await send(visitor, "12345");
  assertEquals(await receiveText(far, 3), "123");
  assertEquals([await fate(far), await fate(visitor)], ["ConnectionReset", "ConnectionReset"]);
  await relay.logs(/ended after 10 bytes to \S+\n/);
});

Deno.test("--cut-after is a plain end for both sides", async () => {
  await using stack = new AsyncDisposableStack();
  const { visitor, far } = await connected(stack, "--cut-after", "10");
  await send(visitor, "123");
  assertEquals([await fate(far), await fate(visitor)], ["end", "end"]);
});

Deno.test("without the right to call libc a relay ends the other side, and says how it looked", async () => {
  using target = listenHere();
  const words = ["run", "-q", "-P", "--no-prompt", "--deny-ffi", "main.ts", "relay", "127.0.0.1:0"];
  await using relay = Coax.spawn([Deno.execPath(), ...words, target.address], { cwd: ROOT });
  const visitor = await connectTo(await relay.address());
  await send(visitor, "request");
  using far = await target.accept();
  assertEquals(await receiveText(far, 7), "request");
  reset(visitor);
  assertEquals(await fate(far), "end");
  await relay.logs(/coax: \[1\] receive from \S+: reset by peer; the other peer saw a plain end\n/);
});

const ROOT = new URL("../../", import.meta.url).pathname;
