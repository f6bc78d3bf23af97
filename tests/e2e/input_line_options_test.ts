/** The input line beside other options and transports, and where there is none. */
import { assertEquals } from "@std/assert";
import { testWith } from "../interop/peer_program.ts";
import { Coax, PIPE, temporary } from "./coax.ts";
import { connectTo, listenHere, receiveText, send } from "./peers.ts";
import { talking } from "./talking.ts";
import { Terminal, tmux } from "./tmux.ts";

/** A server on a terminal. */
async function serving(args: string): Promise<{ terminal: Terminal; address: string }> {
  await using resources = new AsyncDisposableStack();
  const terminal = resources.use(await Terminal.open({ columns: 100 }));
  await terminal.enter(`run server ${args}`);
  const [, address] = await terminal.finds(/^listening on (.*:\d+.*)$/m);
  terminal.call("ADDRESS", address!);
  resources.move();
  return { terminal, address: address! };
}

testWith(
  tmux,
  "a server's visitors begin lines of their own, and all hear what is typed",
  async () => {
    const { terminal, address } = await serving("-k 127.0.0.1:0");
    await using _ = terminal;
    const one = await connectTo(address);
    const two = await connectTo(address);
    await terminal.finds(/^\[2\] .* has connected$/m);
    await terminal.type("to a");
    await send(one, "no newline");
    await terminal.endsWith(["no newline", "> to a|"]);
    await send(two, "from another\n");
    await terminal.endsWith(["no newline", "from another", "> to a|"]);
    await send(one, ", and more");
    await terminal.endsWith(["no newline", "from another", ", and more", "> to a|"]);
    await terminal.enter("ll");
    assertEquals([await receiveText(one, 7), await receiveText(two, 7)], ["to all\n", "to all\n"]);
    await terminal.press("C-d");
    const told = "stdin has ended: clients hear that at once, Ctrl-C ends the server";
    await terminal.endsWith([", and more", "> to all", told, "|"]);
    for (const conn of [one, two]) conn.close();
    await terminal.press("C-c");
    await terminal.endsWith(["status 0", "$ |"]);
    await terminal.isRestored();
  },
);

testWith(tmux, "what is typed before anyone is there waits for the first who comes", async () => {
  const { terminal, address } = await serving("127.0.0.1:0");
  await using _ = terminal;
  await terminal.enter("early");
  await terminal.type("ha");
  await terminal.endsWith(["early", "ha|"]);
  using conn = await connectTo(address);
  await terminal.endsWith(["> early", "> ha|"]);
  await terminal.enter("lf");
  assertEquals(await receiveText(conn, 11), "early\nhalf\n");
});

testWith(tmux, "--prefix marks lines above the input line", async () => {
  const { terminal, address } = await serving("--prefix 127.0.0.1:0");
  await using _ = terminal;
  using conn = await connectTo(address);
  const { port } = conn.localAddr as Deno.NetAddr;
  await send(conn, "one\ntwo\n");
  await terminal.endsWith([`[127.0.0.1:${port}] one`, `[127.0.0.1:${port}] two`, "> |"]);
});

const FIFTY = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);

testWith(tmux, "over UDP and WebSocket, each line of a paste is a message", async () => {
  for (const scheme of ["udp", "ws"]) {
    await using server = Coax.start(["server", "--frame", "jsonl", `${scheme}://127.0.0.1:0`], {
      stdin: PIPE,
    });
    const address = await server.address();
    await using terminal = await Terminal.open();
    const frame = scheme === "ws" ? "" : "--frame raw";
    await terminal.enter(`run client ${frame} ${address}`);
    await terminal.endsWith("> |");
    await terminal.paste(FIFTY.join("\n"));
    await terminal.endsWith(["> line 50|", "50 lines: Enter sends them"]);
    await terminal.press("Enter");
    await server.prints(/"line 50(?:\\n)?"\}\n/);
    const texts = server.out.trim().split("\n").map((line) => JSON.parse(line).text as string);
    assertEquals(texts.map((text) => text.trimEnd()), FIFTY, scheme);
    await server.write('{"text":"no newline"}\n{"text":"next"}\n');
    await terminal.endsWith(["no newline", "next", "> |"]);
    await terminal.press("C-d");
    await terminal.finds(/^your side has ended: it is over once 127.0.0.1:\d+ is silent$/m);
    await terminal.endsWith(["status 0", "$ |"]);
  }
});

testWith(tmux, "a binary message without a newline glues to nothing", async () => {
  await using server = Coax.start(["server", "--binary", "--frame", "len4", "ws://127.0.0.1:0"], {
    stdin: PIPE,
  });
  await using terminal = await Terminal.open();
  await terminal.enter(`run client --binary ${await server.address()}`);
  await terminal.endsWith("> |");
  await server.write(Uint8Array.of(0, 0, 0, 2, 0, 0xe9, 0, 0, 0, 1, 0x61));
  await terminal.endsWith(["\\0�", "a", "> |"]);
});

testWith(tmux, "steps and hexdumps are told above the input line", async () => {
  await using talk = await talking(["-v", "-x"]);
  const { terminal, conn } = talk;
  await terminal.type("que");
  await send(conn, "hi\n");
  await terminal.finds(/receive: first byte from PEER/);
  await terminal.endsWith(["hi", "> que|"]);
  await terminal.enter("stion");
  await terminal.finds(/> 00000000 {2}71 75 65 73 74 69 6f 6e {2}0a/);
  await terminal.endsWith("> |");
});

testWith(tmux, "--progress stands between what arrives and what is typed", async () => {
  await using talk = await talking(["--progress"]);
  const { terminal, conn } = talk;
  await terminal.type("typed");
  await send(conn, "a line\nand a part");
  await terminal.finds(/^a line\nand a part\n↑ 0 B {2}↓ +17 B [^\n]*\n> typed\|$/m);
  await terminal.press("Enter");
  assertEquals(await receiveText(conn, 6), "typed\n");
  conn.close();
  await terminal.finds(
    /^and a part\n> typed\nsent 6 B, received 17 B, .*\nPEER has left\nstatus 0$/m,
  );
});

testWith(tmux, "a command's stderr is shown above the input line", async () => {
  await using terminal = await Terminal.open();
  await terminal.enter(`run client "sh:read line; echo to stderr >&2; echo got \\$line; cat"`);
  await terminal.endsWith("> |");
  await terminal.enter("one");
  await terminal.type("two");
  await terminal.finds(/^to stderr$/m);
  await terminal.finds(/^got one$/m);
  await terminal.endsWith("> two|");
});

testWith(tmux, "--crlf and --encoding send what they always did", async () => {
  await using talk = await talking(["--crlf", "--encoding", "gbk"]);
  const { terminal, conn } = talk;
  await terminal.enter("中");
  await terminal.paste("a\nb");
  await terminal.press("Enter");
  const bytes = new Uint8Array(10);
  for (let at = 0; at < 10;) at += (await conn.read(bytes.subarray(at)))!;
  assertEquals([...bytes], [0xd6, 0xd0, 13, 10, 97, 13, 10, 98, 13, 10]);
});

/** Where there is no input line: a terminal that can't draw one, `--raw`, and streams elsewhere. */
const PLAIN: readonly (readonly [string, string, Record<string, string>, shows: RegExp])[] = [
  ["TERM=dumb", "", { TERM: "dumb" }, /^ready\|?$/m],
  ["--raw", "--raw", {}, /^ready\|?$/m],
  ["stdout in a file", ">out", {}, /Ctrl-C l\s*eaves/],
  ["--recv-only", "--recv-only", {}, /^ready\|?$/m],
];

for (const [name, args, env, shows] of PLAIN) {
  testWith(tmux, `${name}: no input line, and lines go as the terminal gives them`, async () => {
    await using folder = await temporary();
    using peer = listenHere();
    await using terminal = await Terminal.open({ env });
    await terminal.enter(`cd ${folder.path}`);
    await terminal.enter(`clear; coax client ${peer.address} ${args}; echo "status $?"`);
    using conn = await peer.accept();
    await send(conn, "ready");
    await terminal.finds(shows);
    await terminal.type("typed");
    await terminal.finds(/^(?:ready)?typed\|$/m);
    await terminal.press("Enter");
    if (name !== "--recv-only") assertEquals(await receiveText(conn, 6), "typed\n");
    conn.closeWrite();
    await terminal.finds(/^status 0$/m);
    assertEquals((await terminal.screen()).some((row) => row.startsWith("> ")), false);
    if (name === "stdout in a file") {
      assertEquals(await Deno.readTextFile(`${folder.path}/out`), "ready");
    }
  });
}

testWith(tmux, "events in JSON stand above the input line, a line each", async () => {
  await using talk = await talking(["--log-format", "json"], { columns: 200 });
  const { terminal, conn } = talk;
  await terminal.type("typed");
  conn.close();
  await terminal.finds(/^\{"time":"[^"]*","level":"info","event":"left",.*"PEER has left"\}$/m);
});
