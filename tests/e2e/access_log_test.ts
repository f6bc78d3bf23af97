/** The access log of a relay: an event for each connection that is over, however it ended. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { lacks } from "../support/parts.ts";
import { until } from "../support/wait.ts";
import { Coax, NULL, PIPE, run, type StartOptions, temporary } from "./coax.ts";
import { connectTo, fullBacklog, listenHere, receive, send, unusedPort } from "./peers.ts";

interface ClosedEvent {
  id: number;
  peer: string;
  address: string;
  sent: number;
  received: number;
  seconds: number;
  reason?: string;
  error?: string;
  message: string;
}

/** All events of a JSON log. */
function eventsOf(stderr: string): (ClosedEvent & { event: string })[] {
  return stderr.split("\n").filter(Boolean).map((line) => JSON.parse(line));
}

/** A relay with an access log. */
class LoggedRelay implements AsyncDisposable {
  private constructor(readonly coax: Coax) {}

  static start(args: readonly string[], options: StartOptions = {}): LoggedRelay {
    const how = ["--access-log", "--log-format", "json"];
    return new LoggedRelay(Coax.start(["relay", ...args, ...how], options));
  }

  /** The address that it listens on. */
  async address(): Promise<string> {
    return (await this.coax.logs(/"event":"listening","address":"([^"]+)"/))[1]!;
  }

  /** The events `closed`, once there are `count`. */
  async closed(count = 1): Promise<ClosedEvent[]> {
    await this.coax.logs(new RegExp(`(?:"event":"closed"[^]*?\n[^]*?){${count}}`));
    return eventsOf(this.coax.stderr).filter(({ event }) => event === "closed");
  }

  /** Ends it, and returns all of its events. */
  async end() {
    this.coax.signal("SIGTERM");
    return eventsOf((await this.coax.exit()).stderr);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.coax[Symbol.asyncDispose]();
  }
}

const ECHOED = "x".repeat(996) + "END\n";
const MESSAGES = /^(?:udp|ws|wss|ws\+unix):/;

/** Sends `ECHOED` through a relay and gets it back; messages have no other end. */
async function exchange(address: string): Promise<void> {
  const isChannel = MESSAGES.test(address);
  const args = ["client", address, ...isChannel ? ["--expect", "END"] : []];
  if (/^(?:tls|wss):/.test(address)) args.push("--insecure");
  if (/^ws/.test(address)) args.push("--binary");
  const { status, out, stderr } = await run(args, { stdin: ECHOED });
  assertEquals([status, out], [0, ECHOED], stderr);
}

const FROM: Record<string, string[]> = {
  "tcp://127.0.0.1:0": [],
  "tls://127.0.0.1:0": ["--self-signed"],
  "udp://127.0.0.1:0": ["--idle-timeout", "3s"],
  "ws://127.0.0.1:0": [],
  "wss://127.0.0.1:0": ["--self-signed"],
  "unix:FOLDER/from": [],
  "ws+unix:FOLDER/from:/x": [],
};
const TO: Record<string, string[]> = {
  "tls://127.0.0.1:0": ["--insecure"],
  "udp://127.0.0.1:0": ["--linger", "3s"],
  "ws://127.0.0.1:0": ["--binary"],
  "unix:FOLDER/to": [],
  "exec:cat": [],
};
const PLAIN = "tcp://127.0.0.1:0";
const pairs = [
  ...Object.keys(FROM).map((from) => [from, PLAIN]),
  ...Object.keys(TO).map((to) => [PLAIN, to]),
] as [string, string][];

for (const [from, to] of pairs) {
  Deno.test(`the access log has the bytes of a connection from ${from} to ${to}`, async () => {
    await using temp = await temporary();
    const inFolder = (address: string) => address.replace("FOLDER", temp.path);
    const own = to.startsWith("tls:") ? ["--self-signed"] : [];
    const isCommand = to.startsWith("exec:");
    await using echo = Coax.start(["echo", isCommand ? PLAIN : inFolder(to), ...own]);
    const target = isCommand ? to : await echo.address();
    const options = [...FROM[from]!, ...TO[to] ?? []];
    await using relay = LoggedRelay.start([inFolder(from), target, ...options]);
    await exchange(await relay.address());
    const [closed] = await relay.closed();
    const { id, address, sent, received, error, peer, seconds } = closed!;
    assertEquals([id, address, sent, received, error], [1, target, 1000, 1000, undefined]);
    assertMatch(peer, /^(?:127\.0\.0\.1:\d+$|unix:)/);
    assert(seconds > 0, `${seconds}`);
    assertEquals((await relay.end()).filter(({ event }) => event === "closed").length, 1);
  });
}

Deno.test("what a relay opens itself has a line as well", async () => {
  await using echo = Coax.start(["echo", PLAIN]);
  const target = await echo.address();
  for (
    const [from, stdin, peer, count] of [
      ["-", "hello\n", "stdio", 6],
      ["exec:echo hi", NULL, "exec:echo hi", 3],
    ] as const
  ) {
    const relay = ["relay", from, target, "--access-log", "--log-format", "json"];
    const events = eventsOf((await run(relay, { stdin })).stderr);
    assertEquals(
      events.filter(({ event }) => event === "closed").map((one) => [
        one.id,
        one.peer,
        one.address,
        one.received,
      ]),
      [[1, peer, target, count]],
    );
  }
});

/** A target that does nothing, and what a client sends; how the connection ends then. */
const ENDINGS: Record<string, {
  /** Options of the relay. */
  options?: string[];
  from?: string;
  /** The target; one that echoes by default. */
  to?: string;
  says?: string;
  counts: [received: number, sent: number];
  reason: RegExp;
  /** Whether nothing failed. */
  isWell?: true;
}> = {
  "a target that refuses": {
    to: `127.0.0.1:${unusedPort()}`,
    counts: [0, 0],
    reason: /^connection refused$/,
  },
  "a target without an address": { to: "nowhere.invalid:1", counts: [0, 0], reason: /./ },
  "two targets that refuse": {
    to: "127.0.0.1:1 127.0.0.1:2",
    counts: [0, 0],
    reason: /^connection refused$/,
  },
  "an idle timeout": {
    options: ["--idle-timeout", "2s"],
    says: "12345",
    counts: [5, 5],
    reason: /^no byte for 2 s$/,
  },
  "a cut": {
    options: ["--cut-after", "3"],
    says: "12345",
    counts: [5, 0],
    reason: /^fault injected: ended after 3 bytes/,
  },
  "a reset": {
    options: ["--reset-after", "3"],
    says: "12345",
    counts: [5, 0],
    reason: /^fault injected: ended after 3 bytes/,
  },
  "a command that fails": {
    to: "exec:sh -c 'head -c5; exit 3'",
    says: "12345",
    counts: [5, 5],
    reason: /3/,
  },
  "a TLS handshake that fails": {
    from: "tls://127.0.0.1:0",
    options: ["--self-signed"],
    says: "GET / HTTP/1.0\r\n\r\n",
    counts: [0, 0],
    reason: /./,
  },
  "a TLS handshake that is late": {
    from: "tls://127.0.0.1:0",
    options: ["--self-signed", "--handshake-timeout", "300ms"],
    counts: [0, 0],
    reason: /0\.3 s|300 ms/,
  },
  "a WebSocket's handshake that fails": {
    from: "ws://127.0.0.1:0",
    says: "GET / HTTP/1.0\r\n\r\n",
    counts: [0, 0],
    reason: /^refused with 403/,
  },
  "a request of a proxy's client that is none": {
    to: "socks5:",
    says: "GET / HTTP/1.0\r\n\r\n",
    counts: [2, 0],
    reason: /^SOCKS5: version 71/,
  },
};

for (const [what, ending] of Object.entries(ENDINGS)) {
  Deno.test(`the access log tells of ${what}`, async () => {
    const { from = PLAIN, to, options = [], says, counts, reason } = ending;
    await using echo = Coax.start(["echo", PLAIN]);
    const targets = to?.startsWith("exec:") ? [to] : (to ?? await echo.address()).split(" ");
    await using relay = LoggedRelay.start([from, ...targets, ...options]);
    using conn = await connectTo((await relay.address()).replace(/^\w+:/, "tcp:"));
    if (says) await send(conn, says);
    const [closed] = await relay.closed();
    const { id, received, sent, address, error } = closed!;
    assertEquals([id, received, sent], [1, ...counts], JSON.stringify(closed));
    assertEquals(address, targets.at(-1));
    assertMatch(closed!.reason!, reason);
    assert(error!.includes(closed!.reason!), error);
    assert(closed!.message.endsWith(`  ${closed!.reason}`), closed!.message);
    const failed = eventsOf(relay.coax.stderr).find(({ event }) => event === "failed");
    assertEquals(failed?.error, error);
  });
}

Deno.test("the access log tells of a target that doesn't answer", async () => {
  using target = await fullBacklog();
  await using relay = LoggedRelay.start([PLAIN, target.address, "--connect-timeout", "300ms"]);
  using _ = await connectTo(await relay.address());
  const [{ received, sent, reason } = {}] = await relay.closed();
  assertEquals([received, sent], [0, 0]);
  assertMatch(reason!, /timed out/);
});

Deno.test("a connection that the program's end cuts is told of, and is no failure", async () => {
  using target = listenHere();
  await using relay = LoggedRelay.start([PLAIN, target.address, "--grace", "100ms"]);
  using conn = await connectTo(await relay.address());
  using accepted = await target.accept();
  await send(conn, "hello");
  await receive(accepted, 5);
  const closed = (await relay.end()).filter(({ event }) => event === "closed");
  assertEquals(
    closed.map(({ received, sent, reason, error }) => [received, sent, reason, error]),
    [[5, 0, "the program is ending", undefined]],
  );
});

Deno.test("a handshake that the program's end cuts is told of as well", async () => {
  const from = ["tls://127.0.0.1:0", "7007", "--self-signed", "-v"];
  await using relay = LoggedRelay.start(from);
  using _ = await connectTo((await relay.address()).replace("tls:", "tcp:"));
  await relay.coax.logs(/"event":"accept"/);
  const closed = (await relay.end()).filter(({ event }) => event === "closed");
  assertEquals(
    closed.map(({ received, sent, reason, error }) => [received, sent, reason, error]),
    [[0, 0, "the program is ending", undefined]],
  );
});

Deno.test("peers that aren't let in have a line of their own, and none in the access log", async () => {
  using target = listenHere();
  await using denying = LoggedRelay.start([PLAIN, target.address, "--deny", "127.0.0.1"]);
  using denied = await connectTo(await denying.address());
  assertEquals((await receive(denied)).length, 0);
  await using full = LoggedRelay.start([PLAIN, target.address, "-m", "1"]);
  using first = await connectTo(await full.address());
  using accepted = await target.accept();
  using second = await connectTo(await full.address());
  assertEquals((await receive(second)).length, 0);
  first.close();
  accepted.close();
  await full.closed();
  for (const [relay, count] of [[denying, 0], [full, 1]] as const) {
    const events = (await relay.end()).map(({ event }) => event);
    assertEquals(events.filter((event) => event === "refused").length, 1);
    assertEquals(events.filter((event) => event === "closed").length, count);
  }
});

const LINE = /^\[(\d+)\] 127\.0\.0\.1:\d+ → (\S+)  ↑ (\d+) B  ↓ (\d+) B  [\d.]+ m?s$/;

Deno.test("in text, a connection is one line with its target as it was written", async () => {
  await using echo = Coax.start(["echo", PLAIN]);
  const written = (await echo.address()).replace("tcp://127.0.0.1:", "localhost:");
  await using relay = Coax.start(["relay", PLAIN, written, "--access-log"]);
  await run(["client", await relay.address()], { stdin: "ping\n" });
  await relay.logs(/→.*\n/);
  relay.signal("SIGTERM");
  const [listening, line, ...more] = (await relay.exit()).stderr.split("\n");
  assertMatch(listening!, /^listening on /);
  assertEquals(LINE.exec(line!)?.slice(1), ["1", written, "5", "5"], line);
  assertEquals(more, [""]);
});

Deno.test("elsewhere than on a terminal there is no such line unless asked for", async () => {
  await using echo = Coax.start(["echo", PLAIN]);
  for (const options of [[], ["-q"], ["--log-format", "json"]]) {
    const { stderr } = await run(["relay", "-", await echo.address(), ...options], { stdin: "x" });
    assertEquals(stderr, "");
  }
});

Deno.test("-q and an access log contradict each other", async () => {
  for (const args of [["relay", "0", "7007"], ["control", "127.0.0.1:0"]]) {
    const { status, stderr } = await run([...args, "-q", "--access-log"]);
    assertEquals(status, 2);
    assertEquals(stderr, `coax: --access-log: excludes -q. Try 'coax ${args[0]} --help'\n`);
  }
});

Deno.test("a target's name that a client made up is escaped, and secrets are masked", async () => {
  await using relay = Coax.start(["relay", PLAIN, "http-proxy:", "--access-log"]);
  using conn = await connectTo(await relay.address());
  await send(conn, "CONNECT \x1b]0;owned\x07\u202e:1 HTTP/1.1\r\n\r\n");
  await relay.logs(/→.*\n/);
  assert(!/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]/.test(relay.stderr), JSON.stringify(relay.stderr));
  const to = `ws://127.0.0.1:${unusedPort()}/?token=hunter2`;
  const masked = await run(["relay", "-", to, "--access-log"], { stdin: NULL });
  assertMatch(masked.stderr, /stdio → ws:\/\/127\.0\.0\.1:\d+\/\?token=\*\*\* {2}↑/);
  assert(!masked.stderr.includes("hunter2"), masked.stderr);
});

Deno.test("a burst of connections has a whole line each, also when the relay ends then", async () => {
  const COUNT = 1500;
  await using echo = Coax.start(["echo", PLAIN, "-m", "5000"]);
  await using relay = Coax.start(
    ["relay", PLAIN, await echo.address(), "--access-log", "-m", "5000"],
    { stdin: PIPE },
  );
  const address = await relay.address();
  const visit = async () => {
    using conn = await connectTo(address);
    await send(conn, "ping");
    await receive(conn, 4);
  };
  for (let done = 0; done < COUNT; done += 50) await Promise.all(Array.from({ length: 50 }, visit));
  relay.signal("SIGTERM");
  const lines = (await relay.exit()).stderr.trimEnd().split("\n").filter((line) =>
    !/^(?:listening|stopping)/.test(line)
  );
  const ids = lines.map((line) => Number(LINE.exec(line)?.[1]));
  assertEquals(ids.toSorted((a, b) => a - b), Array.from({ length: COUNT }, (_, i) => i + 1));
  assert(lines.every((line) => line.includes("  ↑ 4 B  ↓ 4 B  ")));
});

Deno.test({
  name: "a relay whose stderr takes nothing goes on, and its lines come later",
  ignore: lacks("programs of Debian"),
  async fn() {
    const COUNT = 1500;
    await using temp = await temporary();
    const [fifo, ready] = [`${temp.path}/log`, `${temp.path}/ready`];
    await new Deno.Command("mkfifo", { args: [fifo] }).output();
    await using echo = Coax.start(["echo", PLAIN, "-m", "5000"]);
    const args = ["relay", PLAIN, await echo.address(), "--access-log", "--ready-file", ready];
    const into = { before: ["sh", "-c", `exec "$@" 2> ${fifo}`, "sh"] };
    await using relay = Coax.start(args, into);
    const reader = ["sh", "-c", `exec 3< ${fifo}; read go; exec cat <&3`];
    await using log = Coax.spawn(reader, { stdin: PIPE });
    const isThere = () => Deno.readTextFile(ready).then(Boolean, () => false);
    await until(isThere, "the relay's address");
    const address = (await Deno.readTextFile(ready)).trim();
    // A FIFO holds 64 KiB.
    for (let done = 0; done < COUNT; done += 50) {
      await Promise.all(Array.from({ length: 50 }, async () => {
        using conn = await connectTo(address);
        await send(conn, "ping");
        await receive(conn, 4);
      }));
    }
    relay.signal("SIGTERM");
    await log.write("go\n");
    const lines = (await log.exit()).out.split("\n");
    assertEquals(lines.filter((line) => LINE.test(line)).length, COUNT);
    assert(!lines.some((line) => line.includes("dropped")));
    assertEquals((await relay.exit()).status, 0);
  },
});
