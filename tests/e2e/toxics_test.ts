/** `--toxic` of relay and echo: one direction, a part of the connections, by the seed. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { bytes } from "../faults/support.ts";
import { encode, readAll, readExactly } from "../support/connections.ts";
import { connect } from "../support/transports.ts";
import { UdpPeer } from "../support/udp.ts";
import { connectWs } from "../support/websocket.ts";
import { Coax, run } from "./coax.ts";
import { connectTo, listenHere, receive, receiveText, send } from "./peers.ts";

/** An option `--toxic` for each. */
const toxics = (...specs: string[]) => specs.flatMap((spec) => ["--toxic", spec]);

/** Milliseconds until what is sent comes back. */
async function roundTrip(address: string): Promise<number> {
  using conn = await connectTo(address);
  const start = performance.now();
  await send(conn, "ping");
  assertEquals(await receiveText(conn, 4), "ping");
  return performance.now() - start;
}

/** A relay to an echo, which logs as JSON. */
async function relayToEcho(stack: AsyncDisposableStack, ...args: string[]) {
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", await echo.address(), ...args]));
  return { relay, address: await relay.address() };
}

Deno.test("a toxic acts on its own direction alone, downstream unless it says another", async () => {
  for (const stream of ["", ",stream=upstream"]) {
    await using stack = new AsyncDisposableStack();
    using target = listenHere();
    const toxic = toxics(`latency:latency=250${stream}`);
    const relay = stack.use(Coax.start(["relay", "127.0.0.1:0", target.address, "-v", ...toxic]));
    using client = await connectTo(await relay.address());
    using conn = await target.accept();
    const start = performance.now();
    await send(client, "there");
    await receiveText(conn, 5);
    const there = performance.now() - start;
    await send(conn, "back");
    await receiveText(client, 4);
    const back = performance.now() - start - there;
    const [slow, fast] = stream ? [there, back] : [back, there];
    assert(slow >= 250 && fast < slow, `${there} ms there, ${back} ms back`);
    assertEquals(relay.stderr.match(/delayed \d bytes/g), [`delayed ${stream ? 5 : 4} bytes`]);
  }
});

Deno.test("toxicity acts on its part of the connections, the same ones with the same --seed", async () => {
  const hit = async (seed: string) => {
    await using stack = new AsyncDisposableStack();
    const args = [...toxics("limit_data:bytes=0,toxicity=30%"), "--seed", seed];
    const { address } = await relayToEcho(stack, ...args);
    const ids: number[] = [];
    for (let id = 1; id <= 40; id++) {
      using conn = await connectTo(address);
      await send(conn, "ping");
      if ((await receive(conn, 4)).length === 0) ids.push(id);
    }
    return ids;
  };
  const first = await hit("5");
  assert(first.length > 3 && first.length < 25, `${first} of 40`);
  assertEquals(await hit("5"), first);
  assert(String(await hit("6")) !== String(first), "another seed is the same");
});

Deno.test("an echo has toxics as well, both directions on what it sends back", async () => {
  const args = toxics("latency:latency=80", "latency:latency=90,stream=upstream", "noop:name=x");
  await using echo = Coax.start(["echo", "127.0.0.1:0", ...args]);
  assert(await roundTrip(await echo.address()) >= 170);
  await using cut = Coax.start(["echo", "127.0.0.1:0", ...toxics("limit_data:bytes=5")]);
  const connection = await connect(await cut.address());
  await connection.write(bytes(8));
  assertEquals(await readAll(connection), bytes(5));
  connection.close();
  await cut.logs(/limit_data \S+: fault injected: ended after 5 bytes to \S+\n/);
});

Deno.test("an echo loses datagrams, and a WebSocket's messages stay whole and of their type", async () => {
  const args = [...toxics("loss:probability=1", "latency:latency=20"), "--log-format", "json"];
  await using udp = Coax.start(["echo", "udp://127.0.0.1:0", ...args]);
  const [, address] = await udp.logs(/"address":"(udp[^"]+)"/);
  using peer = new UdpPeer(address);
  await peer.send("lost");
  const [line] = await udp.logs(/\{[^\n]*"event":"fault"[^\n]*\n/);
  const { kind, id, text } = JSON.parse(line);
  assertEquals([kind, id], ["loss", 1]);
  assertMatch(text ?? JSON.parse(line).message, /dropped a message of 4 bytes/);
  await using ws = Coax.start(["echo", "ws://127.0.0.1:0", ...toxics("latency:latency=20")]);
  const channel = await connectWs(await ws.address());
  for (const text of [true, false]) await channel.send({ data: encode("one"), text });
  for (const text of [true, false]) {
    assertEquals(await channel.receive(), { data: encode("one"), text });
  }
  channel.close();
  await channel.closed;
});

Deno.test("a relay's half-close is kept under toxics that end nothing", async () => {
  await using stack = new AsyncDisposableStack();
  const all = "latency:latency=20 bandwidth:rate=1000 slow_close:delay=50 slicer:average_size=9 " +
    "limit_data:bytes=1000000 noop slow_open:delay=50 limit_time:time=1000000 stall:bytes=1000000 " +
    "chop:size=7 corrupt";
  const both = all.split(" ").flatMap((toxic) => [
    toxic,
    `${toxic}${toxic.includes(":") ? "," : ":"}stream=upstream`,
  ]);
  const { address } = await relayToEcho(stack, ...toxics(...both));
  const connection = await connect(address);
  await connection.write(bytes(2000));
  await connection.closeWrite();
  assertEquals(await readExactly(connection, 2000), bytes(2000));
  assertEquals((await readAll(connection)).length, 0);
  connection.close();
});

for (
  const [command, message] of [
    [
      ["echo", "9", ...toxics("latancy")],
      '--toxic latancy: unknown type "latancy"; did you mean latency?',
    ],
    [
      ["relay", "9", "8", ...toxics("noop:stream=x")],
      "--toxic noop:stream=x: expected stream=upstream or stream=downstream",
    ],
    [
      ["echo", "9", ...toxics("noop", "noop")],
      "--toxic: toxic noop_downstream already exists: give it a name of its own (name=...)",
    ],
    [
      ["relay", "9", "8", ...toxics("noop:name=delay_upstream"), "--delay", "1s"],
      "--toxic: toxic delay_upstream already exists",
    ],
    [
      ["relay", "9", "udp://8", ...toxics("loss")],
      "--toxic loss: 9 is plain TCP; expected messages (udp://",
    ],
    [
      ["echo", "udp://9", ...toxics("slicer")],
      "--toxic slicer: udp://9 is UDP; expected bytes (tcp://",
    ],
    [["server", "9", ...toxics("noop")], "--toxic"],
  ] as [string[], string][]
) {
  Deno.test(`coax ${command.join(" ")} is refused`, async () => {
    const { status, stderr } = await run(command);
    assertEquals(status, 2);
    assert(stderr.includes(message), stderr);
  });
}
