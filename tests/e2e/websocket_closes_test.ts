/** The Close of one WebSocket of a relay reaches the other: at once, behind what came before. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { WsPeer } from "../support/ws_peer.ts";
import { Coax, type Exit, run } from "./coax.ts";
import { receiveText, soon } from "./peers.ts";

interface Relayed extends AsyncDisposable {
  readonly client: WsPeer;
  readonly target: WsPeer;
  readonly relay: Coax;
  /** Its status, and its lines that are no steps of -v. */
  exit(): Promise<[status: number, errors: string[], stderr: string]>;
}

const errorsOf = ({ stderr }: Exit) =>
  stderr.split("\n").filter((line) => /^coax: (send|receive|close)/.test(line));

/** A client and a target by hand, with a relay between. */
async function relayed(...args: string[]): Promise<Relayed> {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const to = `ws://127.0.0.1:${listener.addr.port}`;
  const relay = Coax.start(["relay", "ws://127.0.0.1:0", to, "--once", "-v", ...args]);
  const accepting = WsPeer.accept(listener);
  const client = await WsPeer.connect(await relay.address());
  const target = await accepting;
  return {
    client,
    target,
    relay,
    async exit() {
      const exit = await relay.exit();
      return [exit.status, errorsOf(exit), exit.stderr];
    },
    async [Symbol.asyncDispose]() {
      for (const side of [client, target, listener]) side[Symbol.dispose]();
      await relay[Symbol.asyncDispose]();
    },
  };
}

const CLOSES = [[1000, "bye"], [1001, "gone"], [undefined, ""], [4001, "x"]] as const;
const named = (code: number | undefined, reason: string) =>
  ["Close", code, reason].filter(Boolean).join(" ");

for (const [code, reason] of CLOSES) {
  const close = named(code, reason);
  const status = code === 4001 ? 8 : 0;

  for (const side of ["client", "target"] as const) {
    const other = side === "client" ? "target" : "client";
    Deno.test(`${close} of a ${side} reaches the ${other} at once, as it is`, async () => {
      await using all = await relayed();
      const start = performance.now();
      await all[side].close(code, reason);
      assertEquals(await all[other].next(), close);
      const ms = performance.now() - start;
      assert(ms < 700, `${ms} ms`);
      assertEquals(await all[side].next(), close);
      await all[other].close(code, reason);
      const [got, errors, stderr] = await all.exit();
      assertEquals([got, errors.length], [status, status && 1], stderr);
    });

    for (const delay of [["--delay", "300ms"], ["--toxic", "slow_close:delay=300"]]) {
      Deno.test(`${close} of a ${side} stays behind its data: ${delay.join(" ")}`, async () => {
        await using all = await relayed(...delay);
        await all[side].send("data");
        await all[side].close(code, reason);
        assertEquals(await all[other].rest(), ["text data", close]);
        await all[other].close(code, reason);
        const [got, errors, stderr] = await all.exit();
        assertEquals([got, errors.length], [status, status && 1], stderr);
      });
    }
  }

  Deno.test(`${close} of a client ends a TCP connection behind its delayed data`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const to = `127.0.0.1:${listener.addr.port}`;
    const args = ["relay", "ws://127.0.0.1:0", to, "--once", "--delay", "300ms"];
    await using relay = Coax.start(args);
    using client = await WsPeer.connect(await relay.address());
    using target = await soon(listener.accept(), "a connection");
    await client.send("data");
    await client.close(code, reason);
    assertEquals(await receiveText(target, 4), "data");
    if (status === 0) await target.closeWrite();
    const end = await receiveText(target).catch((error) => error.name);
    assertEquals(end, status === 0 ? "" : "ConnectionReset");
    const exit = await relay.exit();
    assertEquals([exit.status, errorsOf(exit).length], [status, status && 1], exit.stderr);
  });

  Deno.test(`${close} of a target ends a TCP client behind its delayed data`, async () => {
    using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const to = `ws://127.0.0.1:${listener.addr.port}`;
    await using relay = Coax.start(["relay", "127.0.0.1:0", to, "--once", "--delay", "300ms"]);
    const running = run(["client", await relay.address(), "--recv-only"]);
    using target = await WsPeer.accept(listener);
    await target.send("data");
    await target.close(code, reason);
    const got = await running;
    assertEquals([got.out, got.status], ["data", status && 1]);
    const exit = await relay.exit();
    assertEquals([exit.status, errorsOf(exit).length], [status, status && 1], exit.stderr);
  });
}

Deno.test("messages that cross a Close are no error, and -v counts them", async () => {
  await using all = await relayed();
  await all.target.close(1000, "bye");
  assertEquals(await all.client.next(), "Close 1000 bye");
  for (const text of ["a", "b", "c"]) await all.client.send(text);
  await all.client.close(1000);
  const [status, errors, stderr] = await all.exit();
  assertEquals([status, errors], [0, []], stderr);
  assertMatch(stderr, /dropped 3 messages from 127\.0\.0\.1:\d+, sent before it saw our Close/);
});

for (const [delay, sent] of [["slow_close:delay=300", 3], ["latency:latency=300", 3]] as const) {
  Deno.test(`messages to a target that has closed are dropped and counted: ${delay}`, async () => {
    await using all = await relayed("--toxic", delay);
    await all.target.send("last");
    await all.target.close(1000, "bye");
    await all.relay.logs(/Close from/);
    for (let i = 0; i < sent; i++) await all.client.send("late");
    assertEquals(await all.client.rest(), ["text last", "Close 1000 bye"]);
    await all.client.close(1000);
    const [status, errors, stderr] = await all.exit();
    assertEquals([status, errors], [0, []], stderr);
    assertMatch(stderr, /dropped 3 messages to 127\.0\.0\.1:\d+, which had closed/);
  });
}

Deno.test("delayed messages to a client that has closed are dropped and counted", async () => {
  await using all = await relayed("--delay", "300ms");
  for (const text of ["a", "b"]) await all.target.send(text);
  await all.relay.logs(/delayed 1 bytes/);
  await all.client.send("data");
  await all.client.close(1001, "gone");
  assertEquals(await all.target.rest(), ["text data", "Close 1001 gone"]);
  await all.target.close(1001, "gone");
  const [status, errors, stderr] = await all.exit();
  assertEquals([status, errors], [0, []], stderr);
  assertMatch(stderr, /lost 2 messages to 127\.0\.0\.1:\d+ that a fault still held back/);
});

Deno.test("a target that talks on after its client's Close is let go, without an error", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const to = `127.0.0.1:${listener.addr.port}`;
  await using relay = Coax.start(["relay", "ws://127.0.0.1:0", to, "--once", "-v"]);
  using client = await WsPeer.connect(await relay.address());
  using target = await soon(listener.accept(), "a connection");
  await client.send("data");
  await client.close(1000);
  assertEquals(await receiveText(target), "data");
  const talking = (async () => {
    const end = performance.now() + 20_000;
    while (performance.now() < end) {
      await target.write(new Uint8Array(10));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  const exit = await relay.exit();
  assertEquals([exit.status, errorsOf(exit)], [0, []], exit.stderr);
  assertMatch(exit.stderr, /dropped \d+ messages to 127\.0\.0\.1:\d+, which had closed/);
  await talking.catch(() => {}); // The relay has reset it.
});

Deno.test("--close is a relay's own code, in place of an orderly one", async () => {
  await using all = await relayed("--close", "4123:own");
  await all.target.close(1001, "gone");
  assertEquals(await all.client.next(), "Close 4123 own");
  await all.client.close(4123, "own");
  const [status, errors] = await all.exit();
  assertEquals([status, errors], [0, []]);
});

for (const code of [1000, 4001]) {
  Deno.test(`a Close ${code} that is held back for ever ends at --idle-timeout`, async () => {
    const stall = ["--toxic", "stall:bytes=0,stream=upstream", "--idle-timeout", "500ms"];
    await using all = await relayed(...stall);
    await all.client.close(code);
    assertEquals(await all.client.rest(), [`Close ${code}`]);
    const [status, , stderr] = await all.exit();
    assertEquals(status, 5, stderr);
    assertMatch(stderr, /^coax: idle 127\.0\.0\.1:\d+: no byte for 0\.5 s$/m);
  });
}
