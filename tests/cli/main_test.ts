import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { topics } from "../../src/manual/topics/mod.ts";
import { VERSION } from "../../src/cli/version.ts";
import { below, generator, pick } from "../support/random.ts";
import { pretend } from "../support/system.ts";
import { run } from "./run.ts";

const commands = await loadCommands();

Deno.test("--version prints the version on stdout", async () => {
  for (const option of ["--version", "-V"]) {
    assertEquals(await run([option]), { status: 0, out: `coax ${VERSION}\n`, err: "" });
  }
});

Deno.test("help, overall or of a command, is on stdout, however it is asked for", async () => {
  const whole = await run(["--help"]);
  assertEquals([whole.status, whole.err], [0, ""]);
  assertEquals(await run(["help"]), whole);
  assertEquals(await run(["-h"]), whole);
  for (const { name } of commands) {
    const one = await run([name, "--help"]);
    assertMatch(one.out, new RegExp(`^coax ${name} `));
    assertEquals(await run(["help", name]), one);
    assertEquals(await run([name, "-h", "9000"]), one);
  }
});

Deno.test("the options of every command may stand before it", async () => {
  const { out } = await run(["relay", "--help"]);
  for (const before of [["-h"], ["-vh"], ["-q", "--color", "never", "--help"]]) {
    assertEquals(await run([...before, "relay"]), { status: 0, out, err: "" }, before.join(" "));
  }
  const overview = await run(["--help"]);
  assertEquals(await run(["-v", "--help"]), overview);
  assertEquals((await run(["-q", "--version"])).out, `coax ${VERSION}\n`);

  const documented = await run(["--log-format", "json", "client", "nope"]);
  assertEquals([documented.status, JSON.parse(documented.err).level], [2, "error"]);
  assertEquals(await run(["-q", "explain", "nc", "-v", "h", "1"]), {
    ...await run(["explain", "-q", "nc", "-v", "h", "1"]),
  });
});

Deno.test("help has topics besides commands", async () => {
  for (const { name, summary } of topics) {
    const { status, out, err } = await run(["help", name]);
    assertEquals([status, err], [0, ""]);
    assertStringIncludes(out, `coax help ${name}: ${summary}`);
  }
});

Deno.test("explain leaves options behind the tool's name to the tool", async () => {
  const answer = await run(["explain", "nc -lk 1234"]);
  assertEquals([answer.status, answer.err], [0, ""]);
  assertMatch(answer.out, /^coax server -k :1234\n/);
  for (
    const words of [["nc", "-lk", "1234"], ["--", "nc", "-lk", "1234"], ["-q", "nc", "-lk", "1234"]]
  ) {
    assertEquals(await run(["explain", ...words]), answer, words.join(" "));
  }
  assertMatch((await run(["explain", "nc", "-h"])).err, /-h: no option of nc/);
});

for (
  const [argv, message] of [
    [["nonsense"], `coax: "nonsense": unknown command. Try 'coax --help'`],
    [["--nonsense"], "coax: --nonsense: unknown option. Try 'coax --help'"],
    [["-q"], "coax: COMMAND: missing. Try 'coax --help'"],
    [
      ["-k", "server", "9"],
      "coax: -k: unknown option; it stands behind the command: coax server -k 9. Try",
    ],
    [
      ["--send", "x", "client", "9"],
      "coax: --send: unknown option; it stands behind the command: coax client",
    ],
    [["--log-format", "xml", "client"], "--log-format xml: expected one of text, json. Try 'coax"],
    [["--color"], "coax: --color: expected a value. Try 'coax --help'"],
    [["-q", "sever"], `coax: "sever": unknown command; did you mean server? Try 'coax --help'`],
    [
      ["help", "nonsense"],
      `coax: "nonsense": unknown command, and no topic; the topics are addresses`,
    ],
    [["help", "exit"], `"exit": unknown command; did you mean exit-status? Try 'coax --help'`],
    [["sever", "9"], `coax: "sever": unknown command; did you mean server? Try 'coax --help'`],
    [["rleay"], `coax: "rleay": unknown command; did you mean relay? Try 'coax --help'`],
    [["--vesion"], "coax: --vesion: unknown option; did you mean --version? Try 'coax --help'"],
    [
      ["echo", "9", "--text"],
      "coax: --text: unknown option; coax server, client and relay have it. Try",
    ],
    [
      ["client", "9", "--cert", "f"],
      "coax: --cert: unknown option; our own certificate is --client-cert FILE",
    ],
    [
      ["client", "9", "--conect-timeout", "5s"],
      "--conect-timeout: unknown option; did you mean --connect-timeout? Try 'coax client --help'",
    ],
    [["client", "9", "--retri=5"], "--retri=5: unknown option; did you mean --retry? Try"],
    [["completions", "csh"], `"csh": expected one of bash, zsh, fish, powershell. Try 'coax compl`],
    [
      ["explain", "-x", "nc"],
      "coax: -x: unknown option; coax server, client, echo, relay and chat have it.",
    ],
    [["explain", "nc", "-k", "h", "1"], "coax: -k: nc takes it only with -l. Try 'coax explain"],
    [
      ["echo"],
      "coax: ADDRESS: missing, as in coax echo 7007 (echo on port 7007 of this machine). Try",
    ],
    [["echo", "99999"], `coax: "99999": expected a port from 0 to 65535. Try 'coax echo --help'`],
    [["echo", "-"], `coax: "-": can't be listened on. Try 'coax echo --help'`],
    [["client", "x:0"], `coax: "x:0": port 0 can only be listened on. Try 'coax client --help'`],
    [["relay", "9", "nope"], `coax: "nope": expected PORT, HOST:PORT`],
    [["client", "9", "-4", "-6"], "coax: -4: can't be combined with -6"],
    [["client", "a\x1b[31m\n:9"], 'coax: "a\\x1b[31m\\n:9": expected PORT'],
  ] as [string[], string][]
) {
  Deno.test(`usage is status 2 and one line: coax ${JSON.stringify(argv)}`, async () => {
    const { status, out, err } = await run(argv);
    assertEquals([status, out], [2, ""]);
    assertStringIncludes(err, message);
    assertEquals(err.indexOf("\n"), err.length - 1);
  });
}

for (
  const [argv, address] of [
    [["echo", "99999"], "99999"],
    [["echo", "-"], "-"],
    [["client", "x:0"], "x:0"],
    [["client", "udp://x:0"], "udp://x:0"],
    [["server", "tls://0"], "tls://0"],
    [["wait", "exec:cat"], "exec:cat"],
    [["bench", "-"], "-"],
    [["bench", "file:x"], "file:x"],
    [["wait", "file+read:x"], "file+read:x"],
    [["chat", "file:x"], "file:x"],
    [["relay", "127.0.0.1:9", "nope"], "nope"],
    [["client", "host", "80"], undefined],
    [["client", "9", "-m"], undefined],
    [["client", "9", "--linger", "5"], undefined],
    [["nonsense"], undefined],
  ] as [string[], string | undefined][]
) {
  Deno.test(`the JSON event has the address that is wrong, if one is: coax ${argv.join(" ")}`, async () => {
    const { err } = await run([...argv, "--log-format", "json"]);
    assertEquals([JSON.parse(err).status, JSON.parse(err).address], [2, address]);
  });
}

/** Words for random command lines; none of them connects to anything or waits for long. */
const WORDS = [
  ...commands.map(({ name }) => name),
  ...commands.flatMap(({ flags }) => Object.keys(flags).map((key) => `--${flagName(key)}`)),
  ...["-x", "-vv", "-q", "-4", "-m", "-m0", "-k=", "--", "-_", "--_", "--no-dump", "---"],
  ...[
    "1s",
    "x",
    "0",
    "",
    "(",
    "\\q",
    "\x1b]0;x\x07",
    "a\nb",
    "__proto__",
    "constructor",
    "ä",
    "=1",
  ],
  ...["99999", "host", "[::1]:x", "ftp://x", "unix:", "exec:", "sh:", "1.2.3:4", "x:0", "tls://9"],
  ...["--grace=x", "--send=\\", "--expect=[", "--retry=-1", "--log-format=json", "--help=1"],
];

Deno.test("2000 random command lines give a status and never a stack trace", async () => {
  const random = generator(6);
  const statuses = new Map<number, number>();
  for (let i = 0; i < 2000; i++) {
    const argv = Array.from({ length: below(random, 6) }, () => pick(random, WORDS));
    // An invalid address, last, so that none of them gets as far as opening something.
    if (!argv.includes("-h") && !argv.includes("--help")) {
      argv.push(pick(random, ["ftp://x", "unix:"]));
    }
    const { status, err } = await run(argv);
    statuses.set(status, (statuses.get(status) ?? 0) + 1);
    const shown = `${JSON.stringify(argv)} → ${status}: ${err}`;
    assert(status === 0 || status === 2, shown);
    assert(!/\n\s+at |TypeError|undefined|\[object/.test(err), shown);
    if (status !== 0) assertEquals(err.split("\n").length, 2, shown);
  }
  assert(statuses.get(2)! > 1000, "too few were bad");
});

Deno.test("an address that the system can't have is a usage error of every command", async () => {
  using _ = pretend("windows");
  const lines = [
    "server unix:C:\\x",
    "client ws+unix:C:\\x:/y",
    "echo 0 unix:x",
    "relay unix:x 9000",
    "relay 0 unix:x",
    "chat unix:x",
    "wait unix:x",
    "bench unix:x",
    "replay file unix:x",
    "echo unix:x --socket-mode 0660",
  ];
  for (const line of lines) {
    const { status, out, err } = await run(line.split(" "));
    assertEquals([status, out], [2, ""], line);
    assertMatch(err, /^.*: Deno has no Unix sockets on Windows\. Try 'coax \w+ --help'\n$/, line);
  }
});
