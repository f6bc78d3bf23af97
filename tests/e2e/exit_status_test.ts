/** Every exit status that can be provoked, each with one line. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, type Exit, PIPE, run, type StartOptions, temporary } from "./coax.ts";
import { FragilePeer, listenHere, send, unusedPort } from "./peers.ts";

/** One line, whatever the verbosity, and never a stack trace. */
function assertOneLine({ stderr }: Exit, pattern: RegExp): void {
  const lines = stderr.split("\n").filter((line) => line !== "");
  const matching = lines.filter((line) => pattern.test(line));
  assertEquals(matching.length, 1, `one line matches ${pattern}:\n${stderr}`);
  assert(!/^\s+at |Uncaught|\.ts:\d+/m.test(stderr), `no stack trace:\n${stderr}`);
}

interface Failure {
  name: string;
  status: number;
  /** The stage and the address, or the option, in the line. */
  line: RegExp;
  /** Runs it; `more` goes after the command's name. */
  run(more: string[]): Promise<Exit>;
}

/** Failures that need nothing but a command line. */
function plain(
  status: number,
  args: string[],
  line: RegExp,
  options: StartOptions = {},
): Failure {
  const [command, ...rest] = args;
  return {
    name: `status ${status}: coax ${args.join(" ").slice(0, 60)}`,
    status,
    line,
    run: (more) => run([command!, ...more, ...rest], options),
  };
}

const nobody = `127.0.0.1:${unusedPort()}`;
const refused = new RegExp(`connect ${nobody}: connection refused`);

const failures: Failure[] = [
  {
    name: "status 1: the peer resets the connection",
    status: 1,
    line: /receive from 127\.0\.0\.1:\d+: reset by peer/,
    async run(more) {
      const { peer, address } = await FragilePeer.listen();
      await using _ = peer;
      await using coax = Coax.start(["client", ...more, address], { stdin: PIPE });
      await coax.write("hello");
      await peer.reset();
      return await coax.exit();
    },
  },
  plain(1, ["client", "exec:false"], /run exec:false: .*exited with 1/),
  plain(1, ["client", "sh:exit 7"], /run sh:exit 7: .*exited with 7/),
  plain(2, ["client"], /ADDRESS: missing.*Try 'coax client --help'/),
  plain(2, ["client", "9000", "--nonsense"], /--nonsense: unknown option.*Try 'coax client/),
  plain(2, ["client", "9000", "--linger"], /--linger: expected a value.*Try 'coax client/),
  plain(2, ["client", "9000", "--linger", "5"], /--linger 5: expected a duration.*Try 'coax/),
  plain(2, ["client", "9000", "--expect", "("], /--expect \(: expected a regular .*Try 'coax/),
  plain(2, ["client", "9000", "--send", "\\q"], /--send \\q: expected .*Try 'coax/),
  plain(2, ["client", "9000", "-4", "-6"], /-4: can't be combined with -6.*Try 'coax client/),
  plain(2, ["client", "host:99999"], /"host:99999": expected a port.*Try 'coax client/),
  plain(2, ["client", "::1:9000"], /"::1:9000": expected brackets.*Try 'coax client/),
  plain(2, ["client", "localhost", "9000"], /"localhost": expected |"9000": one argument too/),
  plain(2, ["client", `unix:/${"x".repeat(120)}`], /at most 107 bytes.*Try 'coax client/),
  plain(2, ["client", "quic://host:1"], /unknown scheme "quic".*Try 'coax client/),
  plain(2, ["server", "0", "-m", "0"], /--max-connections 0: expected .*Try 'coax server/),
  plain(2, ["server", "exec:cat"], /"exec:cat": can't be listened on.*Try 'coax server/),
  plain(2, ["relay", "0"], /TO: missing.*Try 'coax relay/),
  plain(3, ["client", "nosuch.invalid:9"], /resolve nosuch\.invalid:9: /),
  plain(3, ["echo", "nosuch.invalid:9"], /resolve nosuch\.invalid:9: /),
  plain(4, ["client", nobody], refused),
  plain(4, ["client", "unix:/nonexistent/socket"], /connect unix:\/nonexistent\/socket: no such/),
  plain(4, ["client", "exec:/nonexistent/command"], /spawn exec:\/nonexistent\/command: /),
  plain(4, ["server", "unix:/nonexistent/socket"], /listen unix:\/nonexistent\/socket: no such/),
  plain(4, ["server", "192.0.2.1:0"], /listen 192\.0\.2\.1:0: cannot assign/),
  {
    name: "status 4: the address is in use",
    status: 4,
    line: /listen 127\.0\.0\.1:\d+: address in use/,
    async run(more) {
      using taken = listenHere();
      return await run(["echo", ...more, taken.address]);
    },
  },
  {
    name: "status 5: connecting takes too long",
    status: 5,
    line: /connect 127\.0\.0\.1:\d+: timed out after 300 ms/,
    async run(more) {
      // With a full backlog, the kernel answers no further SYN.
      const options = { hostname: "127.0.0.1", port: 0, tcpBacklog: 0 };
      using hole = Deno.listen(options);
      const { port } = hole.addr;
      using _queued = await Deno.connect({ port });
      return await run(["client", ...more, "--connect-timeout", "300ms", `127.0.0.1:${port}`]);
    },
  },
  {
    name: "status 5: nothing moves for --idle-timeout",
    status: 5,
    line: /idle 127\.0\.0\.1:\d+: no byte for 0\.2 s/,
    async run(more) {
      using peer = listenHere();
      await using coax = Coax.start(["client", ...more, "--idle-timeout", "200ms", peer.address]);
      using _conn = await peer.accept();
      return await coax.exit();
    },
  },
  {
    name: "status 5: the peer is silent for --linger after our EOF",
    status: 5,
    line: /linger 127\.0\.0\.1:\d+: silent for 0\.2 s after our end/,
    async run(more) {
      using peer = listenHere();
      await using coax = Coax.start(["client", ...more, "--linger", "200ms", peer.address]);
      using _conn = await peer.accept();
      return await coax.exit();
    },
  },
  {
    name: "status 9: EOF comes before --expect matches",
    status: 9,
    line: /expect 127\.0\.0\.1:\d+: the end came before anything matched \/ready\/$/,
    async run(more) {
      using peer = listenHere();
      await using coax = Coax.start(["client", ...more, "--expect", "ready", peer.address]);
      using conn = await peer.accept();
      await send(conn, "not yet");
      conn.close();
      return await coax.exit();
    },
  },
  {
    name: "status 9: --within expires before --expect matches",
    status: 9,
    line: /expect 127\.0\.0\.1:\d+: nothing within 0\.2 s matched \/ready\/$/,
    async run(more) {
      using peer = listenHere();
      const args = ["--expect", "ready", "--within", "200ms", peer.address];
      await using coax = Coax.start(["client", ...more, ...args]);
      using _conn = await peer.accept();
      return await coax.exit();
    },
  },
  plain(
    9,
    ["server", "127.0.0.1:0", "--expect", "yo", "--within", "200ms"],
    /expect 127\.0\.0\.1:0: nothing within 0\.2 s matched \/yo\/$/,
  ),
  plain(
    9,
    ["server", "-k", "127.0.0.1:0", "--expect", "yo", "--within", "200ms"],
    /expect 127\.0\.0\.1:0: nothing within 0\.2 s matched \/yo\/$/,
  ),
  plain(
    9,
    ["client", nobody, "--retry", "forever", "--expect", "yo", "--within", "200ms"],
    /expect 127\.0\.0\.1:\d+: nothing within 0\.2 s matched \/yo\/$/,
  ),
  {
    name: "status 9: --within expires while many are connected to a server",
    status: 9,
    line: /expect unix:\/\S*\/s: nothing within 3 s matched \/yo\/$/,
    async run(more) {
      await using temp = await temporary();
      const address = `unix:${temp.path}/s`;
      const args = ["-k", "--expect", "yo", "--within", "3s", address];
      await using server = Coax.start(["server", ...more, ...args]);
      const clientArgs = ["client", "--retry", "99", "--retry-delay", "20ms", address];
      await using one = Coax.start(clientArgs, { stdin: PIPE });
      await using other = Coax.start(clientArgs, { stdin: PIPE });
      for (const client of [one, other]) await client.write("hello");
      await server.prints(/hellohello/);
      const exit = await server.exit();
      assertEquals([...Deno.readDirSync(temp.path)], [], "the socket's file is gone");
      return exit;
    },
  },
  plain(10, ["client", "sh:echo hello"], /write stdout: no space left on device/, {
    stdout: "/dev/full",
  }),
  plain(10, ["client", "exec:cat"], /read stdin: is a directory/, { stdin: { file: "/tmp" } }),
  plain(
    10,
    ["echo", "127.0.0.1:0", "--ready-file", "/nonexistent/ready"],
    /\/nonexistent\/ready: /,
  ),
  ...[
    ["echo", "127.0.0.1:0", "--record", "/dev/full", "--force"],
    ["echo", "127.0.0.1:0", "--ready-file", "/dev/full"],
    ["replay", "/dev/full", "127.0.0.1:1"],
  ].map((args) =>
    plain(10, args, /\/dev\/full: the runtime keeps programs away from most of \/dev and \/proc$/)
  ),
  {
    name: "status 10: a server's stdout is full",
    status: 10,
    line: /write stdout: no space left on device/,
    async run(more) {
      await using temp = await temporary();
      const address = `unix:${temp.path}/s`;
      await using server = Coax.start(["server", ...more, address], { stdout: "/dev/full" });
      const client = await run(["client", "--retry", "99", "--retry-delay", "20ms", address], {
        stdin: "hello",
      });
      assert([0, 1].includes(client.status), client.stderr);
      return await server.exit();
    },
  },
];

for (const [signal, status] of [["SIGINT", 130], ["SIGTERM", 143]] as const) {
  failures.push({
    name: `status ${status}: ${signal} ends a client`,
    status,
    line: new RegExp(`client 127\\.0\\.0\\.1:\\d+: ended by ${signal}`),
    async run(more) {
      using peer = listenHere();
      await using coax = Coax.start(["client", ...more, peer.address], { stdin: PIPE });
      using _conn = await peer.accept();
      coax.signal(signal);
      return await coax.exit();
    },
  });
}

for (const { name, status, line, run } of failures) {
  Deno.test(`${name}, in one line, also with -q`, async () => {
    const [loud, quiet] = await Promise.all([run([]), run(["-q"])]);
    assertEquals(loud.status, status, loud.stderr);
    assertOneLine(loud, line);
    assertEquals(quiet.status, status, quiet.stderr);
    assertOneLine(quiet, line);
    assertEquals(quiet.stderr.split("\n").length, 2, `one line under -q:\n${quiet.stderr}`);
  });

  Deno.test(`${name}, as one JSON object`, async () => {
    const exit = await run(["-q", "--log-format", "json"]);
    assertEquals(exit.status, status, exit.stderr);
    assertEquals(exit.stderr.split("\n").length, 2, exit.stderr);
    const event = JSON.parse(exit.stderr);
    assertEquals(event.level, "error");
    assertEquals(new Date(event.time).toISOString(), event.time);
    assertMatch(event.message, line);
    assert(event.message.startsWith(event.error), event.message);
  });
}

Deno.test("a command line without a command is a usage error", async () => {
  for (const args of [["nonsense"], ["--nonsense"], ["help", "nonsense"], ["-v"]]) {
    const exit = await run(args);
    assertEquals(exit.status, 2, exit.stderr);
    assertMatch(exit.stderr, /^coax: .*Try 'coax --help'\n$/);
    assertEquals(exit.out, "");
  }
  const alone = await run([]);
  assertEquals([alone.status, alone.out], [2, ""]);
  assertMatch(
    alone.stderr,
    /^ {2}coax server .*\n(?:.*\n)*coax: COMMAND: missing\. Try 'coax --help'\n$/m,
  );
});

Deno.test("what was asked for goes to stdout, with status 0", async () => {
  const version = await run(["--version"]);
  assertMatch(version.out, /^coax \d+\.\d+\.\d+\n$/);
  for (const args of [["--help"], ["help"], ["help", "relay"], ["server", "--help"]]) {
    const exit = await run(args);
    assertEquals([exit.status, exit.stderr], [0, ""]);
    assertMatch(exit.out, /coax/);
  }
});

Deno.test("help that can't be written is status 10", async () => {
  const exit = await run(["--help"], { stdout: "/dev/full" });
  assertEquals(exit.status, 10);
  assertMatch(exit.stderr, /^coax: write stdout: .*\n$/);
});
