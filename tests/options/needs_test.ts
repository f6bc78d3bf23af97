/** Which option acts on which kind of address for every option of every command. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Scheme } from "../../src/address/schemes.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { UsageError } from "../../src/core/errors.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { flagName } from "../../src/flags/flag.ts";

const commands = (await loadCommands()).filter(({ sides }) => sides);

/** An address of each kind. */
const ADDRESSES: Record<string, string> = {
  tcp: "9000",
  tls: "tls://h:9000",
  udp: "udp://9000",
  ws: "ws://9000/x",
  wss: "wss://h",
  gate: "gate://h:7000/80",
  "gate+tls": "gate+tls://h:7000",
  "gate+ws": "gate+ws://h:7000",
  "gate+wss": "gate+wss://h:7000/80",
  unix: "unix:/run/x",
  unixgram: "unixgram:/run/x",
  "ws+unix": "ws+unix:/run/x:/y",
  "unix:@": "unix:@x",
  "unixgram:@": "unixgram:@x",
  "ws+unix:@": "ws+unix:@x:/y",
  file: "file:x",
  "file+read": "file+read:x",
  "file+append": "file+append:x",
  exec: "exec:cat",
  sh: "sh:cat",
  stdio: "-",
  socks5: "socks5:",
  "http-proxy": "http-proxy:",
} satisfies Record<
  Scheme | "unix:@" | "unixgram:@" | "ws+unix:@" | "socks5" | "http-proxy",
  string
>;
const KINDS = Object.keys(ADDRESSES);

const PORTS = "tcp tls udp ws wss";
const GATES = "gate gate+tls gate+ws gate+wss";
const TLS_TARGETS = "tls wss gate+tls gate+wss";
const UNIX = "unix ws+unix unix:@ ws+unix:@";
const UNIXGRAM = "unixgram unixgram:@";
const LISTENABLE = `${PORTS} ${GATES} ${UNIX} ${UNIXGRAM}`;
const FILES = "file file+read file+append";
const PROXIES = "socks5 http-proxy";
const CONNECTS = `${LISTENABLE} ${PROXIES}`;
const RETRIED = `${PORTS} ${UNIX} ${UNIXGRAM} ${PROXIES} exec sh ${FILES}`;
const WEBSOCKET = "ws wss ws+unix ws+unix:@";
const MESSAGES = `udp ${UNIXGRAM} ${WEBSOCKET}`;
const BYTES = `tcp tls ${GATES} unix unix:@ exec sh stdio ${FILES} ${PROXIES}`;
const ALL = KINDS.join(" ");

/** By option: the kinds that it acts on as listening addresses, and as dialled ones. */
const ACTS: Record<string, { from?: string; to?: string; every?: true; texts?: string[] }> = {
  "--cert FILE": { from: "tls wss" },
  "--key FILE": { from: "tls wss" },
  "--self-signed": { from: "tls wss" },
  "--client-ca FILE": { from: "tls wss", every: true },
  "--alpn h2": { from: "tls wss", to: "tls wss" },
  "--ca FILE": { to: TLS_TARGETS },
  "--server-name n": { to: TLS_TARGETS },
  [`--pin sha256:${"ab".repeat(32)}`]: { to: TLS_TARGETS, every: true },
  "--client-cert FILE": { to: TLS_TARGETS },
  "--client-key FILE": { to: TLS_TARGETS },
  "--starttls smtp": { to: "tls" },
  "--insecure": { to: TLS_TARGETS },
  "--header A:b": { to: WEBSOCKET },
  "--origin http://h": { to: WEBSOCKET },
  "--follow 1": { to: WEBSOCKET },
  "--protocol p": { from: WEBSOCKET, to: WEBSOCKET },
  "--ping 1s": { from: WEBSOCKET, to: WEBSOCKET },
  "--ping-timeout 1s": { from: WEBSOCKET, to: WEBSOCKET },
  "--close 1000": { from: WEBSOCKET, to: WEBSOCKET },
  "--allow-origin h": { from: WEBSOCKET },
  "--max-connections 9": { from: LISTENABLE },
  "--max-per-peer 9": { from: `${PORTS} ${GATES}` },
  "--ready-file FILE": { from: LISTENABLE },
  "--keep-open": { from: LISTENABLE },
  "--control 0": { from: LISTENABLE },
  "--panel": { from: LISTENABLE },
  "--allow ::1": { from: `${PORTS} ${GATES}` },
  "--deny ::1": { from: `${PORTS} ${GATES}` },
  "--ports 9": { from: LISTENABLE },
  "--public h": { from: LISTENABLE },
  "--max-listeners 9": { from: LISTENABLE },
  "--grace 1s": { from: ALL },
  "--handshake-timeout 1s": { from: LISTENABLE },
  "--reuse-port": { from: PORTS },
  "--socket-mode 600": { from: "unix unixgram ws+unix" },
  "--ipv4": { to: `${PORTS} ${GATES} ${PROXIES}` },
  "--ipv6": { to: `${PORTS} ${GATES} ${PROXIES}` },
  "--broadcast": { to: "udp" },
  "--bind ::1": { to: `${PORTS} ${GATES} ${PROXIES}` },
  "--keepalive 9s": { from: "tcp tls ws wss", to: `tcp tls ws wss ${GATES} ${PROXIES}` },
  "--connect-timeout 1s": { to: CONNECTS },
  "--retry 1": { to: RETRIED },
  "--retry-delay 1s --retry 1": { to: RETRIED },
  "--via socks5://h:1": { to: `tcp tls ws wss ${GATES} ${PROXIES}`, every: true },
  "--allow-target h": { to: PROXIES },
  "--auth a:b": { to: PROXIES },
  "--proxy-protocol in": { from: `tcp ws ${UNIX}`, every: true },
  "--proxy-protocol v1": { to: `tcp tls ws wss ${GATES} ${UNIX} ${PROXIES}`, every: true },
  "--proxy-protocol v2": { to: `tcp tls ws wss ${GATES} ${UNIX} ${PROXIES}`, every: true },
  "--chop 1": { from: BYTES, to: BYTES },
  "--drop 1": { from: MESSAGES, to: MESSAGES },
  "--dup 1": { from: MESSAGES, to: MESSAGES },
  "--reorder 1": { from: MESSAGES, to: MESSAGES },
  "--toxic loss:probability=1": { from: MESSAGES },
  "--toxic slicer:average_size=9": { from: BYTES },
};

/** Options that need both sides, another option, or any address at all; tested on their own. */
const OTHERWISE = new Set(
  ("secret force frame text binary crlf max-message slow within encoding-errors serve check speed name token " +
    "open connection explain lang pass-headers send send-only recv-only expect expect-bytes eof linger prefix seed encoding interval balance")
    .split(
      " ",
    ),
);

/** Options of which some commands need nothing. */
const SOMETIMES = new Set(["crlf", "linger", "seed"]);

/** Options that act whatever the addresses are. */
const ANYWHERE = new Set([
  ..."help verbose quiet log-format color".split(" "),
  ..."progress raw".split(" "),
  ..."idle-timeout dump record once metrics".split(" "),
  ..."access-log rate delay jitter cut-after reset-after stall-after".split(" "),
  ..."room bus history history-file timeout mode duration connections size pcap from-pcap draw svg"
    .split(" "),
]);

const nameOf = (option: string) => /^--([\w-]+)/.exec(option)![1]!;

Deno.test("every option has the addresses it needs, or is known to act on any", () => {
  const decided = new Set([...Object.keys(ACTS).map(nameOf), ...OTHERWISE, ...ANYWHERE]);
  for (const { name, flags } of commands) {
    for (const [key, { needs, group }] of Object.entries(flags)) {
      const option = flagName(key);
      assert(decided.has(option), `${name} --${option}: decide what it needs, and list it here`);
      if (ANYWHERE.has(option)) assertEquals(needs, undefined, option);
      else if (!SOMETIMES.has(option)) {
        assert(needs!.length > 0, `${name} --${option} has no needs`);
      }
      if (group === "TLS" || group === "WebSocket") assert(needs!.length > 0, option);
    }
  }
});

/** Whether the command line is accepted; any other error fails the test. */
function isTaken(name: string, argv: readonly string[]): boolean {
  const command = commands.find((command) => command.name === name)!;
  try {
    parseArguments(command, argv);
    return true;
  } catch (error) {
    assert(error instanceof UsageError, `${argv.join(" ")}: ${error}`);
    assert(error.message.startsWith(`${error.address}: `) && /--/.test(error.address), `${error}`);
    return false;
  }
}

/** The command lines of each command with addresses of these kinds: `from` where it listens. */
function linesOf(from: string, to: string): [name: string, operands: string[], sides: string][] {
  const [a, b] = [ADDRESSES[from]!, ADDRESSES[to]!];
  if (PROXIES.includes(from) || isGate(to)) return [];
  if (PROXIES.includes(to)) return [["relay", [a, b], "from to"]];
  return [
    ["gate", [a], "from"],
    ["relay", [a, b], "from to"],
    ...["server", "echo", "chat"].map((name) => [name, [a], "from"] as [string, string[], string]),
    ...["client", "wait", "bench"].map((name) => [name, [b], "to"] as [string, string[], string]),
    ["replay", ["FILE", "--serve", a], "from"],
    ["replay", ["FILE", b], "to"],
  ];
}

Deno.test("every command that takes addresses is tried with its options", () => {
  const tried = new Set(linesOf("tcp", "tcp").map(([name]) => name));
  assertEquals(commands.map(({ name }) => name).filter((name) => !tried.has(name)), []);
});

/** Targets that a gate is joined with on this machine. */
const OWN = ["exec", "sh", "stdio", ...FILES.split(" ")];
const isGate = (kind: string) => GATES.split(" ").includes(kind);

for (const [option, { from, to, every }] of Object.entries(ACTS)) {
  Deno.test(`${option.slice(0, 40)} is accepted where it can act, and refused anywhere else`, () => {
    const acts = (kinds: string | undefined, kind: string) =>
      kinds?.split(" ").includes(kind) === true;
    let tried = 0;
    for (const [a, b] of KINDS.flatMap((a) => KINDS.map((b) => [a, b] as const))) {
      for (const [name, operands, sides] of linesOf(a, b)) {
        const { flags } = commands.find((command) => command.name === name)!;
        if (!Object.keys(flags).some((key) => flagName(key) === nameOf(option))) continue;
        // A gate is listened on and connected to.
        const dialled = [
          ...(sides.includes("to") ? [b] : []),
          ...(sides.includes("from") && isGate(a) ? [a] : []),
        ].map((kind) => acts(to, kind));
        const fits = every ? dialled.length > 0 && dialled.every(Boolean) : dialled.some(Boolean);
        const joined = every === true && sides.includes("from") && isGate(a) && acts(to, a) &&
          (nameOf(option) === "pin" ||
            (nameOf(option) === "via" && (!sides.includes("to") || OWN.includes(b))));
        const good = (sides.includes("from") && acts(from, a)) || fits || joined;
        const argv = [...option.split(" "), ...operands];
        assertEquals(isTaken(name, argv), good, `${name} ${argv.join(" ")}`);
        tried++;
      }
    }
    assert(tried > 10, `${tried} command lines`);
  });
}

Deno.test("one of several addresses suffices, but not for an option that protects", () => {
  for (const [option, { from, to, every }] of Object.entries(ACTS)) {
    const words = option.split(" ");
    const flag = (name: string) =>
      Object.keys(commands.find((command) => command.name === name)!.flags)
        .some((key) => flagName(key) === nameOf(option));
    const [good, bad] = [
      (from ?? to)!.split(" ")[0]!,
      KINDS.find((kind) =>
        !(from ?? to)!.split(" ").includes(kind) && !PROXIES.includes(kind) && !isGate(kind)
      ),
    ];
    if (bad === undefined) continue;
    const pair = [ADDRESSES[good]!, ADDRESSES[bad]!];
    if (from && flag("echo")) assertEquals(isTaken("echo", [...words, ...pair]), !every, option);
    if (to && !from && !PROXIES.includes(good) && !isGate(good)) {
      assertEquals(isTaken("relay", [...words, "9", ...pair]), !every, option);
    }
  }
});

Deno.test("a frame stands between bytes and messages, in whichever command they meet", () => {
  const [bytes, messages] = [BYTES, MESSAGES].map((kinds) => kinds.split(" "));
  for (const [a, b] of KINDS.flatMap((a) => KINDS.map((b) => [a, b] as const))) {
    if (PROXIES.includes(a) || isGate(b)) continue;
    const meet = (bytes!.includes(a) && messages!.includes(b)) ||
      (messages!.includes(a) && bytes!.includes(b));
    const line = [ADDRESSES[a]!, ADDRESSES[b]!];
    assertEquals(isTaken("relay", [...line, "--frame", "line"]), meet, line.join(" "));
    const web = WEBSOCKET.split(" ").filter((kind) => kind === a || kind === b);
    const one = WEBSOCKET.split(" ").includes(a) !== WEBSOCKET.split(" ").includes(b);
    assertEquals(isTaken("relay", [...line, "--text"]), one, line.join(" "));
    assertEquals(isTaken("relay", [...line, "--binary"]), one, line.join(" "));
    const both = web.length === 2 || (a === b && web.length === 1);
    assertEquals(isTaken("relay", [...line, "--pass-headers"]), both, line.join(" "));
    const datagrams = meet && [a, b].some((kind) => `udp ${UNIXGRAM}`.split(" ").includes(kind));
    assertEquals(
      isTaken("relay", [...line, "--max-message", "9"]),
      datagrams || web.length > 0,
      `${line}`,
    );
    const lines = a === "stdio" && WEBSOCKET.split(" ").includes(b);
    const crlf = (bytes!.includes(a) && !lines) || (messages!.includes(a) && bytes!.includes(b));
    assertEquals(isTaken("relay", [...line, "--crlf"]), crlf, `${line}`);
  }
  for (const kind of KINDS.filter((kind) => !PROXIES.includes(kind))) {
    for (const name of isGate(kind) ? ["server"] : ["server", "client"]) {
      const line = (...words: string[]) => isTaken(name, [...words, ADDRESSES[kind]!]);
      assertEquals(line("--frame", "nul"), messages!.includes(kind), `${name} ${kind}`);
      assertEquals(line("--text"), WEBSOCKET.split(" ").includes(kind), `${name} ${kind}`);
      const ends = !WEBSOCKET.split(" ").includes(kind) &&
        (name === "server" || kind !== "file+read");
      assertEquals(line("--crlf"), ends, `${name} ${kind}`);
    }
  }
});

Deno.test("a toxic needs bytes or messages where it sends to", () => {
  const taken = (name: string, toxic: string, ...addresses: string[]) =>
    isTaken(name, ["--toxic", toxic, ...addresses]);
  for (const type of ["loss", "duplicate", "reorder", "slicer", "chop"]) {
    const [good, bad] = type === "slicer" || type === "chop" ? ["9", "udp://9"] : ["udp://9", "9"];
    assert(taken("relay", type, good!, bad!));
    assert(!taken("relay", type, bad!, good!));
    assert(taken("relay", `${type}:stream=upstream`, bad!, good!));
    assert(taken("relay", `${type}:stream=upstream`, bad!, bad!, good!));
    assert(!taken("relay", `${type}:stream=upstream`, good!, bad!));
    for (const stream of ["upstream", "downstream"]) {
      assert(taken("echo", `${type}:stream=${stream}`, good!));
      assert(taken("echo", `${type}:stream=${stream}`, bad!, good!));
      assert(!taken("echo", `${type}:stream=${stream}`, bad!));
    }
  }
  for (const [kind, address] of Object.entries(ADDRESSES)) {
    if (isGate(kind)) continue;
    assert(taken("relay", "latency:stream=upstream", "9", address));
  }
});

/**
 * Options that need others, by command: what they are refused with, or without any, and the words
 * that make them acceptable. `ADDRESS` stands for where nothing else is needed.
 */
const COMBINATIONS: [command: string, argv: string, refused: string[], taken: string[]][] = [
  ["client 9", "--within 1s", [""], ["--expect x", "--expect-bytes 00"]],
  ["server 9", "--encoding-errors strict", [""], ["--encoding gbk"]],
  ["server 9", "--slow 1s", [""], ["--keep-open"]],
  ["client 9", "--retry-delay 1s", [""], ["--retry 2", "--retry forever"]],
  ["relay 9 8", "--retry-delay 1s", [""], ["--retry 2"]],
  ["bench 9", "--retry-delay 1s", [""], ["--retry 2"]],
  ["wait 9", "--retry-delay 1s", ["--once"], ["", "--retry 2", "--once --retry 2"]],
  [
    "wait 9",
    "--interval 1s",
    ["--retry-delay 1s", "--retry 2 --retry-delay 1s", "--once"],
    ["", "--retry 2", "--once --retry 2"],
  ],
  ["wait udp://9", "--interval 1s", [], ["", "--retry-delay 1s", "--once"]],
  ["wait 9 udp://8", "--interval 1s", [], ["--retry-delay 1s"]],
  ["relay 9 8", "--balance least", [""], []],
  ["relay gate://h:1 8", "--balance least", [""], []],
  ["relay 9 8 7", "--balance least", [], [""]],
  ["replay FILE 9", "--retry-delay 1s", [""], ["--retry 2"]],
  ["client 9", "--send-only", ["--recv-only"], ["", "--linger 1s"]],
  ["server 9", "--recv-only", ["--send-only", "--linger 1s", "--eof both"], ["", "--eof peer"]],
  ["client 9", "--prefix", ["--send-only", "--send-only --send hi"], ["", "--recv-only"]],
  ["client ws://9", "--text", ["--binary"], [""]],
  ["relay 9 ws://8", "--binary", ["--text"], [""]],
  [
    "relay 9 8",
    "--seed 1",
    [""],
    ["--delay 1s", "--jitter 1s", "--toxic latency", "--control 0", "--panel"],
  ],
  ["relay udp://9 udp://8", "--seed 1", [""], ["--drop 1", "--dup 1", "--reorder 1"]],
  ["echo 9", "--seed 1", [""], ["--toxic latency"]],
  ["client udp://9", "--crlf", ["--frame line"], ["", "--frame len4", "--frame raw"]],
  ["client ws://9", "--crlf", ["", "--text", "--frame line"], ["--binary", "--frame nul"]],
  ["server udp://9", "--crlf", ["--frame line"], ["", "--frame len4", "--frame raw"]],
  ["server ws://9", "--crlf", ["", "--text", "--frame line"], ["--binary", "--frame nul"]],
  ["server ws://9 8", "--crlf", [], ["", "--frame line"]],
  ["relay 9 udp://8", "--crlf", ["--frame line"], ["", "--frame len4", "--frame raw"]],
  ["relay 9 ws://8", "--crlf", ["--frame line"], ["", "--text", "--binary"]],
  ["relay - ws://8", "--crlf", ["", "--frame line"], ["--binary", "--frame nul"]],
  ["client 9", "--crlf", ["--recv-only"], ["", "--recv-only --send x"]],
  ["client ws://9", "--send \\xff", ["", "--frame len4"], ["--binary"]],
  ["client udp://9", "--send \\xff", [], [""]],
  ["client file+read:x", "--retry 1", ["--send x", "--send-only", "--crlf"], ["--recv-only"]],
  [
    "client file+append:x",
    "--retry 1",
    ["--recv-only", "--expect x", "--expect-bytes 00", "--prefix"],
    ["--send x", "--send-only", "--crlf"],
  ],
  ["client file:x", "--send x", [], ["--recv-only", "--expect x", "--crlf"]],
  ["server 8 ws://9", "--send \\xff", [""], ["--binary"]],
  ["client ws://9", "--encoding gbk", ["", "--text", "--frame line"], ["--binary"]],
  ...["UTF-8", "unicode-1-1-utf-8", "x-unicode20utf8", "utf_8"].flatMap((alias) =>
    ["client ws://9", "relay ws://9 ws://8", "chat ws://9"].map((
      command,
    ): typeof COMBINATIONS[0] => [
      command,
      `--encoding ${alias}`,
      [],
      [""],
    ])
  ),
  ["client udp://9", "--encoding gbk", [], [""]],
  ["server ws://9", "--encoding gbk", ["", "--text", "--frame line"], ["--binary"]],
  ["server ws://9 8", "--encoding gbk", [], [""]],
  ["relay ws://9 ws://8", "--encoding gbk", [""], ["udp://7"]],
  ["relay 9 ws://8", "--encoding gbk", ["--text"], ["", "--binary"]],
  ["relay ws://9 8", "--encoding gbk", [], ["", "--text"]],
  ["relay - ws://8", "--encoding gbk", ["", "--text"], ["--binary"]],
  ["relay ws://9 -", "--encoding gbk", [], [""]],
  ["chat ws://9", "--encoding gbk", [""], ["8"]],
  ["chat wss://h:9", "--encoding gbk", [""], ["unix:/x"]],
  ["relay 9 8", "--allow-origin h", [""], ["--metrics 0", "--control 0", "--panel"]],
  ["relay 9 8", "--name x", [""], ["--control 0", "--panel"]],
  ["relay 9 8", "--token x", [""], ["--control 0", "--panel"]],
  ["relay 9 8", "--open", [""], ["--panel"]],
  ["relay unix:/x 9", "--deny ::1", ["", "--proxy-protocol v1"], ["--proxy-protocol in"]],
  ["relay unix:/x 9", "--allow ::1", ["", "--proxy-protocol v1"], ["--proxy-protocol in"]],
  ["replay FILE", "--check", ["--pcap x"], ["9"]],
  ["replay FILE", "--serve", ["--pcap x"], ["9"]],
  ["replay FILE", "--speed 2", ["--pcap x"], ["9"]],
  ["replay FILE 9", "--connection 1", [""], ["--draw", "--svg"]],
  ["echo 9", "--force", [""], ["--record x"]],
  ["replay FILE", "--force --draw", [""], ["--pcap x", "--svg x"]],
  ["relay unix:/x 9", "--max-per-peer 9", [""], ["--proxy-protocol in"]],
  ["replay FILE 9", "--explain", [""], ["--draw", "--svg"]],
  ["replay FILE 9", "--lang en", [""], ["--draw", "--svg"]],
];

for (const [line, argv, refused, taken] of COMBINATIONS) {
  Deno.test(`an option has beside it what it needs: ${line} ${argv}`, () => {
    const [name, ...operands] = line.split(" ");
    const words = (others: string) => [...operands, ...`${argv} ${others}`.trim().split(" ")];
    for (const others of refused) assert(!isTaken(name!, words(others)), `${argv} ${others}`);
    for (const others of taken) assert(isTaken(name!, words(others)), `${argv} ${others}`);
  });
}

Deno.test("every option that needs another one is tried with it and without", () => {
  const tried = new Set(
    COMBINATIONS.flatMap(([line, argv, refused]) =>
      [argv, ...refused].join(" ").match(/--[\w-]+/g)!
        .map((option) => `${line.split(" ")[0]} ${option.slice(2)}`)
    ),
  );
  const somewhere = new Set([...tried].map((pair) => pair.split(" ")[1]));
  for (const { name, flags } of commands) {
    for (const [key, { needs = [] }] of Object.entries(flags)) {
      const other = needs.some(({ ways }) => ways.some((way) => way.beside || way.without));
      assert(!other || somewhere.has(flagName(key)), `${name} --${flagName(key)}`);
    }
  }
});

for (
  const [name, argv, message] of [
    ["server", "--self-signed 9010", "--self-signed: 9010 is plain TCP; did you mean tls://9010?"],
    [
      "server",
      "--cert a ws://:80/x",
      "--cert: ws://:80/x is a plain WebSocket; did you mean wss://:80/x?",
    ],
    ["client", "-HA:b h:80", "-H, --header: h:80 is plain TCP; did you mean ws://h:80?"],
    ["client", "-HA:b unix:/x", "-H, --header: unix:/x is a Unix socket; did you mean ws+unix:/x?"],
    [
      "relay",
      "--max-per-peer 3 unix:/x 9",
      "--max-per-peer: unix:/x is a Unix socket; expected tcp://, tls://, udp://, ws:// or wss://",
    ],
    ["client", "-HA:b tls://h:1", "-H, --header: tls://h:1 is TLS; did you mean wss://h:1?"],
    [
      "client",
      "-HA:b unix:@x",
      "-H, --header: unix:@x is an abstract Unix socket; did you mean ws+unix:@x?",
    ],
    ["client", "--ca f udp://7", "--ca: udp://7 is UDP; expected tls:// or wss://"],
    [
      "relay",
      "--drop 1 tcp://7 exec:x",
      "--drop: tcp://7 is plain TCP, exec:x is a command; expected udp://, unixgram:, ws://, wss:// or ws+unix:",
    ],
    [
      "relay",
      "--via http://h:1 9 a:1 unix:/x",
      "--via: unix:/x is a Unix socket; every address must be tcp://, tls://, ws:// or wss://",
    ],
    [
      "wait",
      `--pin sha256:${"0".repeat(64)} tls://h:1 5432`,
      "--pin: 5432 is plain TCP; did you mean tls://5432?",
    ],
    [
      "relay",
      "--allow-target h 9 8",
      "--allow-target: 8 is plain TCP; expected socks5: or http-proxy:",
    ],
    [
      "relay",
      "--proxy-protocol in --proxy-protocol v2 9 udp://8",
      "--proxy-protocol v2: udp://8 is UDP; every address must be tcp://, tls://, ws://, wss://, unix: or ws+unix:",
    ],
    [
      "relay",
      "--toxic loss:probability=1 9 udp://8",
      "--toxic loss:probability=1: 9 is plain TCP; expected messages (udp://, unixgram:, ws://, wss://, ws+unix:)",
    ],
    [
      "relay",
      "--secret s 9 tcp://7",
      "--secret: 9 is plain TCP; expected gate://, gate+tls://, gate+ws:// or gate+wss://",
    ],
    ["relay", "9 gate://h:7000/8", '"gate://h:7000/8": a gate can only be listened on'],
    ["client", "gate+tls://h:7000", '"gate+tls://h:7000": a gate can only be listened on'],
    ["client", "-k 9", "-k, --keep-open: nothing is listened on here"],
    ["replay", "--retry 1 --serve f 9", "--retry: nothing is connected to here"],
    ["replay", "--check --pcap p f", "--check: there is no address that it could be for"],
    ["client", "--within 1s 9", "--within: needs --expect or --expect-bytes"],
    ["server", "--slow 1s 9", "--slow: needs --keep-open"],
    ["client", "--send-only --recv-only 9", "--send-only: can't be combined with --recv-only"],
    [
      "client",
      "--eof both --recv-only 9",
      "--eof both: needs an end of our own, which --recv-only hasn't",
    ],
  ] as const
) {
  Deno.test(`the message names the alternative: coax ${name} ${argv.slice(0, 50)}`, () => {
    const command = commands.find((command) => command.name === name)!;
    assertThrows(() => parseArguments(command, argv.split(" ")), UsageError, message);
    try {
      parseArguments(command, argv.split(" "));
    } catch (error) {
      assertEquals((error as Error).message, message);
    }
  });
}
