/** Resets that are no errors, and what is delivered before one. */
import { assert, assertEquals } from "@std/assert";
import { descriptorOf } from "../../src/transports/held.ts";
import { libc } from "../../src/transports/libc.ts";
import { Coax } from "./coax.ts";
import { connectTo, LARGE, listenHere, randomBytes, receive, receiveText } from "./peers.ts";
import { send, sha256, soon } from "./peers.ts";

libc(); // It stays open from its first use on, which the test's leak check would report.

/** Closes a connection with RST. */
function reset(conn: Deno.Conn): void {
  descriptorOf(conn)!.abort();
  conn.close();
}

/** A relay, and both peers of its one connection. */
async function connected(stack: AsyncDisposableStack, ...more: string[]) {
  const targetListener = stack.use(listenHere());
  const relay = stack.use(
    Coax.start(["relay", "127.0.0.1:0", targetListener.address, "-v", ...more]),
  );
  const client = stack.use(await connectTo(await relay.address()));
  await send(client, "request");
  const target = stack.use(await targetListener.accept());
  assertEquals(await receiveText(target, 7), "request");
  return { relay, client, target };
}

const FAILURE = /^(coax: )?\[1\] (?:receive from|send to|half-close to) \S+: (.*)$/m;

const UPGRADE = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\n" +
  "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n" +
  "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

/** How a command logs the failure of its first connection: as an error, or as information. */
async function logLevel(command: Coax): Promise<"error" | "news"> {
  const [, error] = await command.logs(FAILURE);
  return error ? "error" : "news";
}

async function fate(conn: Deno.Conn): Promise<string> {
  return await receive(conn).then(() => "end", (error) => error.name);
}

Deno.test("a client that resets with the answer unread is no error of a relay", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack);
  await send(target, "answer");
  await target.closeWrite();
  await relay.logs(/we are done sending to \S+, after 6 bytes/);
  reset(client);
  assertEquals([await fate(target), await logLevel(relay)], ["ConnectionReset", "news"]);
});

for (const from of ["127.0.0.1:0", "ws://127.0.0.1:0"]) {
  Deno.test(`a member of a chat at ${from} that resets with the welcome unread is no error`, async () => {
    await using chat = Coax.start(["chat", from, "-v"]);
    const address = await chat.address();
    using member = await connectTo(address);
    if (from.startsWith("ws:")) await send(member, UPGRADE);
    await chat.logs(/comes into main/);
    reset(member);
    assertEquals(await logLevel(chat), "news");
  });
}

Deno.test("a client that closes and is gone when the answer arrives is no error either", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack);
  client.close();
  assertEquals(await receiveText(target), "");
  await relay.logs(/we are done sending to \S+, after 7 bytes/);
  while (!FAILURE.test(relay.stderr)) {
    await send(target, "answer").catch(() => {});
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assertEquals(await logLevel(relay), "news");
});

Deno.test("a target that resets instead of answering is an error, though it has received EOF", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack);
  await client.closeWrite();
  assertEquals(await receiveText(target), "");
  await send(target, "answ");
  assertEquals(await receiveText(client, 4), "answ");
  reset(target);
  assertEquals([await fate(client), await logLevel(relay)], ["ConnectionReset", "error"]);
});

Deno.test("what a target sent before its reset arrives whole, and then the reset", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack);
  const answer = randomBytes(LARGE);
  const sending = send(target, answer);
  const received = await receive(client, LARGE - 2_000_000);
  await sending;
  while (descriptorOf(target)!.unsent > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  reset(target);
  const rest = await receive(client, 2_000_000);
  assertEquals(await sha256(new Uint8Array([...received, ...rest])), await sha256(answer));
  assertEquals([await fate(client), await logLevel(relay)], ["ConnectionReset", "error"]);
});

Deno.test("a reset is passed on while both directions are blocked", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack);
  const flood = async (conn: Deno.Conn) => {
    while (true) await conn.write(new Uint8Array(100_000));
  };
  const [clientFlood, targetFlood] = [flood(client), flood(target)].map((work) =>
    work.catch(({ name }) => name)
  );
  await unchanging(() => descriptorOf(client)!.unsent + descriptorOf(target)!.unsent);
  reset(client);
  // The kernel reports it to one call, which is the waiting one.
  assertEquals(await soon(targetFlood!, "the target to notice"), "ConnectionReset");
  assertEquals(await logLevel(relay), "error");
  await clientFlood;
});

/** Waits until a number above zero has stopped changing for a while. */
async function unchanging(read: () => number): Promise<void> {
  for (let [last, times] = [0, 0]; times < 20; last = read()) {
    times = read() === last && last > 0 ? times + 1 : 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

Deno.test("--reset-after resets both sides, after exactly its bytes", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack, "--reset-after", "10");
  await send(client, "12345");
  assertEquals(await receiveText(target, 3), "123");
  assertEquals([await fate(target), await fate(client)], ["ConnectionReset", "ConnectionReset"]);
  await relay.logs(/ended after 10 bytes to \S+\n/);
});

Deno.test("reset_peer is a RST for both sides, a time after the first byte", async () => {
  await using stack = new AsyncDisposableStack();
  const { relay, client, target } = await connected(stack, "--toxic", "reset_peer:timeout=100");
  const start = performance.now();
  await send(target, "dropped");
  assertEquals([await fate(client), await fate(target)], ["ConnectionReset", "ConnectionReset"]);
  assert(performance.now() - start >= 100);
  await relay.logs(/reset_peer \S+: fault injected: reset, with \d+ bytes to \S+ dropped\n/);
});

Deno.test("--cut-after is a FIN for both sides", async () => {
  await using stack = new AsyncDisposableStack();
  const { client, target } = await connected(stack, "--cut-after", "10");
  await send(client, "123");
  assertEquals([await fate(target), await fate(client)], ["end", "end"]);
});

Deno.test("without the right to call libc a relay closes the other side, and logs how it looked", async () => {
  using targetListener = listenHere();
  const words = ["run", "-q", "-P", "--no-prompt", "--deny-ffi", "main.ts", "relay", "127.0.0.1:0"];
  await using relay = Coax.spawn([Deno.execPath(), ...words, targetListener.address], {
    cwd: ROOT,
  });
  const client = await connectTo(await relay.address());
  await send(client, "request");
  using target = await targetListener.accept();
  assertEquals(await receiveText(target, 7), "request");
  reset(client);
  assertEquals(await fate(target), "end");
  await relay.logs(/coax: \[1\] receive from \S+: reset by peer; the other peer saw a plain end\n/);
});

const ROOT = new URL("../../", import.meta.url).pathname;
