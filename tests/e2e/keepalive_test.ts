/** Keep-alive of TCP connections, as the kernel has it: `/proc/net/tcp` shows a socket's timer. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { until } from "../support/wait.ts";
import { Coax, PIPE, run } from "./coax.ts";

/** Linux counts time there in units of 1/100 s (USER_HZ). */
const HZ = 100;
const ESTABLISHED = "01";
const KEEP_ALIVE = "02";

/** Ports as the table has them. */
const hex = (port: number) => port.toString(16).toUpperCase().padStart(4, "0");

/** Seconds until the keep-alive timer of the connection from `local` to `remote` goes off. */
async function timer(local: number, remote: number): Promise<number | undefined> {
  for (const line of (await Deno.readTextFile("/proc/net/tcp")).split("\n")) {
    const [, own, peer, state, , timer] = line.trim().split(/\s+/);
    if (!own?.endsWith(`:${hex(local)}`) || !peer?.endsWith(`:${hex(remote)}`)) continue;
    const [kind, when] = timer!.split(":");
    if (state === ESTABLISHED && kind === KEEP_ALIVE) return parseInt(when!, 16) / HZ;
  }
  return undefined;
}

/** Whether the socket is there and has no timer at all. */
async function hasNone(local: number, remote: number): Promise<boolean> {
  return (await Deno.readTextFile("/proc/net/tcp")).split("\n").some((line) => {
    const [, own, peer, state, , timer] = line.trim().split(/\s+/);
    return own?.endsWith(`:${hex(local)}`) && peer?.endsWith(`:${hex(remote)}`) &&
      state === ESTABLISHED && timer?.startsWith("00:");
  });
}

const SYSTEM = Number(await Deno.readTextFile("/proc/sys/net/ipv4/tcp_keepalive_time"));

const CASES: [name: string, from: string, serving: string[], connecting: string[]][] = [
  ["tcp", "127.0.0.1:0", [], []],
  ["tls", "tls://127.0.0.1:0", ["--self-signed"], ["--insecure"]],
  ["ws", "ws://127.0.0.1:0", [], []],
  ["wss", "wss://127.0.0.1:0", ["--self-signed"], ["--insecure"]],
];

const SETTINGS: [words: string[], most: number | "off"][] = [
  [[], SYSTEM],
  [["--keepalive", "90s"], 90],
  [["--keepalive", "1500ms"], 2],
  [["--keepalive", "off"], "off"],
  [["--keepalive", "0"], "off"],
];

for (const [name, from, serving, connecting] of CASES) {
  for (const [words, most] of SETTINGS) {
    Deno.test(`${name} with ${words.join(" ") || "no option"}: both ends' timer is at most ${most}`, async () => {
      await using server = Coax.start(["echo", "-v", from, ...serving, ...words]);
      const address = await server.address();
      const bound = Number(/:(\d+)/.exec(address)![1]);
      const args = ["client", "-v", ...connecting, ...words, address];
      await using client = Coax.start(args, { stdin: PIPE });
      await client.write("hello\n");
      await client.prints(/hello/);
      const own = await portOfClient(bound);
      assert(own > 0, "no connection");
      for (const [local, remote] of [[bound, own], [own, bound]] as const) {
        if (most === "off") {
          await until(() => hasNone(local, remote), `no timer of ${local}`);
          continue;
        }
        let seconds: number | undefined;
        // Right after sending there is the timer of retransmission in its place.
        await until(async () => (seconds = await timer(local, remote)) !== undefined, "the timer");
        assert(seconds! <= most, `${seconds} s`);
        if (most === SYSTEM) assert(seconds! > SYSTEM - 600, `${seconds} s`);
      }
    });
  }
}

/** The port at the other end of the only connection to `bound`. */
async function portOfClient(bound: number): Promise<number> {
  for (const line of (await Deno.readTextFile("/proc/net/tcp")).split("\n")) {
    const [, own, peer, state] = line.trim().split(/\s+/);
    if (own?.endsWith(`:${hex(bound)}`) && state === ESTABLISHED) {
      return parseInt(peer!.split(":")[1]!, 16);
    }
  }
  return 0;
}

Deno.test("a relay's --keepalive is for both of its connections, also with --bind", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--keepalive", "off"]);
  const target = Number((await echo.address()).split(":").at(-1));
  const args = ["--keepalive", "70s", "--bind", "127.0.0.9", "127.0.0.1:0", `127.0.0.1:${target}`];
  await using relay = Coax.start(["relay", ...args]);
  const from = Number((await relay.address()).split(":").at(-1));
  await using client = Coax.start(["client", `127.0.0.1:${from}`], { stdin: PIPE });
  await client.write("hello\n");
  await client.prints(/hello/);
  const [ours, theirs] = [await portOfClient(target), await portOfClient(from)];
  for (const [local, remote] of [[from, theirs], [ours, target]] as const) {
    let seconds: number | undefined;
    await until(async () => (seconds = await timer(local, remote)) !== undefined, "the timer");
    assert(seconds! <= 70, `${seconds} s`);
  }
  assert(await hasNone(target, ours));
});

const ss = { name: "ss", available: available("ss", ["-V"], /iproute2/) };

testWith(ss, "ss shows the timer, too", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--keepalive", "90s"]);
  const port = (await echo.address()).split(":").at(-1);
  await using client = Coax.start(["client", `127.0.0.1:${port}`], { stdin: PIPE });
  await client.write("hello\n");
  await client.prints(/hello/);
  await until(async () => {
    await using program = Coax.spawn(["ss", "-tno", "sport", "=", `:${port}`]);
    return /timer:\(keepalive,(?:1min\d+sec|\d+sec),0\)/.test((await program.exit()).out);
  }, "ss's line");
});

Deno.test("--keepalive takes a time or off, and needs TCP", async () => {
  for (const value of ["x", "", "-1s", "10", "40000s", "OFF"]) {
    const { status, stderr } = await run(["client", `--keepalive=${value}`, "127.0.0.1:9"]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --keepalive.*: expected .*\n/);
  }
  for (const args of [["client", "udp://9"], ["client", "exec:cat"], ["echo", "unix:/run/x"]]) {
    const { status, stderr } = await run([...args, "--keepalive", "9s"]);
    assertEquals(status, 2, stderr);
    assertMatch(stderr, /^coax: --keepalive: .*expected tcp:/);
  }
});
