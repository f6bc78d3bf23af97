/** Each fault that a relay can inject, and its event. */
import { assert, assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { Duplex } from "../../src/core/duplex.ts";
import { ResetError } from "../../src/core/errors.ts";
import { readAll } from "../support/connections.ts";
import { connect, type Service, service } from "../support/transports.ts";
import { UdpPeer } from "../support/udp.ts";
import { isPending, soon, until } from "../support/wait.ts";
import { Coax } from "./coax.ts";
import { randomBytes, sha256 } from "./peers.ts";

/** Sends each connection's bytes back. */
const echo = (): Promise<Service> =>
  service("127.0.0.1:0", async (connection) => {
    const buffer = new Uint8Array(64 * 1024);
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      await connection.write(buffer.slice(0, n));
    }
    connection.close();
  });

/** A relay that logs everything as JSON. */
function start(from: string, to: string, faults: readonly string[]): Coax {
  return Coax.start(["relay", from, to, "-v", "--log-format", "json", ...faults]);
}

/** The faults logged so far, in order. */
function logged(relay: Coax): { kind: string; message: string; id: number }[] {
  return relay.stderr.split("\n").slice(0, -1)
    .map((line) => JSON.parse(line))
    .filter(({ event }) => event === "fault");
}

/** The address that it listens at, from its JSON. */
async function addressOf(relay: Coax): Promise<string> {
  return (await relay.logs(/"event":"listening".*?"address":"([^"]+)"/))[1]!;
}

/**
 * Sends `bytes` through a relay with faults; resolves with the answer, and how the connection
 * ended.
 */
async function through(bytes: Uint8Array, faults: readonly string[]) {
  await using target = await echo();
  await using relay = start("127.0.0.1:0", target.addresses[0]!, faults);
  const connection = await connect(await addressOf(relay));
  const begun = performance.now();
  const sending = connection.write(bytes).then(() => connection.closeWrite()).catch(() => {});
  const { back, ended } = await soon(readToEnd(connection), "the end");
  const seconds = (performance.now() - begun) / 1000;
  await sending;
  connection.close();
  await relay.logs(/"event":"fault"/);
  return { back, ended, seconds, faults: logged(relay) };
}

/** Everything until the end, and how the connection ended. */
async function readToEnd(
  connection: Duplex,
): Promise<{ back: Uint8Array; ended: "in order" | "reset" }> {
  const parts: Uint8Array[] = [];
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      parts.push(buffer.slice(0, n));
    }
    return { back: concat(parts), ended: "in order" };
  } catch (error) {
    assert(error instanceof ResetError, `${error}`);
    return { back: concat(parts), ended: "reset" };
  }
}

Deno.test("--rate holds each direction to about its rate", async () => {
  const bytes = randomBytes(200_000);
  const { back, seconds, faults } = await through(bytes, ["--rate", "200kB/s"]);
  assertEquals(await sha256(back), await sha256(bytes));
  // There is no credit at the start; a tenth of the rate would take 10 s.
  assert(seconds >= 1 && seconds < 9, `${seconds} s for 200 kB at 200 kB/s`);
  assert(faults.every(({ kind, id }) => kind === "rate" && id === 1));
});

Deno.test("--delay holds back each direction, and keeps every byte", async () => {
  const bytes = randomBytes(100_000);
  const { back, seconds, faults } = await through(bytes, ["--delay", "150ms"]);
  assertEquals(await sha256(back), await sha256(bytes));
  assert(seconds >= 0.29, `${seconds} s there and back`);
  assertEquals(new Set(faults.map(({ kind }) => kind)), new Set(["delay"]));
});

Deno.test("--chop sends pieces of at most its size, and keeps every byte", async () => {
  const bytes = randomBytes(3000);
  const { back, faults } = await through(bytes, ["--chop", "700"]);
  assertEquals(await sha256(back), await sha256(bytes));
  const sizes = faults.map(({ message }) => Number(/a piece of (\d+) bytes/.exec(message)![1]));
  assertEquals(sizes.reduce((sum, size) => sum + size, 0), 2 * bytes.length);
  assert(Math.max(...sizes) === 700, `${sizes}`);
});

Deno.test("a fault of every piece is logged once a direction, the rest with -v", async () => {
  await using target = await echo();
  const faults = ["--chop", "10", "--delay", "1ms"];
  const args = ["relay", "127.0.0.1:0", target.addresses[0]!, ...faults, "--log-format", "json"];
  await using relay = Coax.start(args);
  const address = await addressOf(relay);
  for (const id of [1, 2]) {
    const connection = await connect(address);
    const back = soon(readAll(connection), "the end");
    await connection.write(randomBytes(2000));
    await connection.closeWrite();
    assertEquals((await back).length, 2000);
    connection.close();
    const kinds = logged(relay).filter((fault) => fault.id === id).map(({ kind }) => kind);
    assertEquals(kinds.sort(), ["chop", "chop", "delay", "delay"]);
  }
});

for (const [kind, how] of [["cut-after", "in order"], ["reset-after", "reset"]] as const) {
  Deno.test(`--${kind} closes a connection after so many bytes one way`, async () => {
    const bytes = randomBytes(50_000);
    const { back, ended, faults } = await through(bytes, [`--${kind}`, "1000"]);
    assertEquals(ended, how);
    assert(back.length <= 1000, `${back.length} bytes came back`);
    assertEquals(back, bytes.subarray(0, back.length));
    // Each direction is cut by itself.
    assert(faults.length <= 2 && faults.every((fault) => fault.kind === kind), `${faults}`);
  });
}

Deno.test("--cut-after and --reset-after end a connection after a time", async () => {
  for (const [kind, how] of [["cut-after", "in order"], ["reset-after", "reset"]] as const) {
    await using target = await echo();
    await using relay = start("127.0.0.1:0", target.addresses[0]!, [`--${kind}`, "1s"]);
    const connection = await connect(await addressOf(relay));
    const begun = performance.now();
    await connection.write(randomBytes(1000));
    const { back, ended } = await soon(readToEnd(connection), "the end");
    assertEquals([back.length, ended], [1000, how]);
    assert(performance.now() - begun >= 900, "it ended too early"); // It was accepted before.
    connection.close();
    await relay.logs(/"event":"fault"/);
    const faults = logged(relay);
    assert(faults.length <= 2 && faults.every((fault) => fault.kind === kind), `${faults}`);
  }
});

Deno.test("--stall-after lets so much pass, or for so long, and leaves the connection open", async () => {
  for (const limit of ["1000", "1500ms"]) {
    await using target = await echo();
    await using relay = start("127.0.0.1:0", target.addresses[0]!, ["--stall-after", limit]);
    const connection = await connect(await addressOf(relay));
    await connection.write(randomBytes(900));
    let received = 0;
    const reading = (async () => {
      const buffer = new Uint8Array(5000);
      for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
        received += n;
      }
    })();
    await until(() => received === 900, "what passes");
    if (limit === "1500ms") await new Promise((resolve) => setTimeout(resolve, 1501));
    await connection.write(randomBytes(900));
    await connection.closeWrite();
    await relay.logs(/"event":"fault".*stalled after \d+ bytes/);
    await until(() => received === (limit === "1000" ? 1000 : 900), "the last bytes that pass");
    assert(await isPending(reading), "EOF has passed");
    connection.close();
    await reading;
    assert(logged(relay).every(({ kind }) => kind === "stall-after"));
  }
});

Deno.test("--cut-after lets exactly its bytes through", async () => {
  const arrived = Promise.withResolvers<number>();
  const ended = Promise.withResolvers<void>();
  await using target = await service("127.0.0.1:0", async (connection) => {
    arrived.resolve((await readAll(connection)).length);
    await ended.promise; // The sender isn't kept waiting for the target's end.
    connection.close();
  });
  await using relay = start("127.0.0.1:0", target.addresses[0]!, ["--cut-after", "12345"]);
  const connection = await connect(await addressOf(relay));
  await connection.write(randomBytes(50_000));
  assertEquals(await soon(arrived.promise, "what was let through"), 12345);
  await soon(readAll(connection).catch(() => {}), "the end for the sender too");
  ended.resolve();
  await relay.logs(/"level":"error".*"status":1.*cut-after/);
  connection.close();
});

/** The 100 numbered datagrams that arrive through a relay with faults. */
async function datagrams(faults: readonly string[]) {
  const count = 100;
  using server = new UdpPeer();
  await using relay = start("udp://127.0.0.1:0", `udp://127.0.0.1:${server.port}`, [
    "-v",
    ...faults,
  ]);
  using client = new UdpPeer(await addressOf(relay));
  for (let i = 0; i < count; i++) await client.send(`${i}`);
  const times = (wanted: string) => logged(relay).filter(({ kind }) => kind === wanted).length;
  const written = () => relay.stderr.split('"event":"write"').length - 1;
  const left = () => count - times("drop") + times("dup");
  await until(() => written() === left(), "all to be sent or dropped");
  const kinds = logged(relay).map(({ kind }) => kind);
  const numbers: number[] = [];
  while (numbers.length < left()) numbers.push(Number(await server.receiveText()));
  return { numbers, times, kinds };
}

const sorted = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b);
const every = Array.from({ length: 100 }, (_, i) => i);

Deno.test("--drop loses datagrams, the same ones with the same --seed", async () => {
  const first = await datagrams(["--drop", "0.3", "--seed", "7"]);
  assert(first.times("drop") > 10 && first.times("drop") < 60, `${first.kinds}`);
  assertEquals(sorted(first.numbers), first.numbers);
  const again = await datagrams(["--drop", "0.3", "--seed", "7"]);
  assertEquals(again.numbers, first.numbers);
  const other = await datagrams(["--drop", "0.3", "--seed", "8"]);
  assert(String(other.numbers) !== String(first.numbers), "another seed is the same");
});

Deno.test("--dup sends datagrams twice, the same ones with the same --seed", async () => {
  const first = await datagrams(["--dup", "20%", "--seed", "1"]);
  assert(first.times("dup") > 5 && first.times("dup") < 45, `${first.kinds}`);
  assertEquals([...new Set(first.numbers)], every);
  const again = await datagrams(["--dup", "20%", "--seed", "1"]);
  assertEquals(again.numbers, first.numbers);
});

Deno.test("--reorder lets datagrams be overtaken, and loses none", async () => {
  const { numbers, times } = await datagrams(["--reorder", "4", "--seed", "3"]);
  assertEquals(sorted(numbers), every);
  assert(String(numbers) !== String(every), "nothing was overtaken");
  assert(times("reorder") > 0, "nothing was logged");
  for (const [place, number] of numbers.entries()) assert(number <= place + 4, `${numbers}`);
});
