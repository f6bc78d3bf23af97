/** However a conversation on a terminal ends: it is said, and the terminal is what it was. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import { testWith } from "../interop/peer_program.ts";
import { exited, FragilePeer, listenHere, receiveText, send } from "./peers.ts";
import { GREETING, talking } from "./talking.ts";
import { Terminal, tmux } from "./tmux.ts";

testWith(
  tmux,
  "the peer's end on a terminal: what was typed and not sent stays to be seen",
  async () => {
    await using talk = await talking();
    const { terminal, conn } = talk;
    await terminal.type("half a li");
    await terminal.endsWith("> half a li|");
    await send(conn, "bye");
    conn.close();
    const rows = ["bye", "PEER has left", "> half a li (not sent)", "status 0", "$ |"];
    await terminal.shows([GREETING, ...rows]);
    await terminal.isRestored();
  },
);

testWith(tmux, "a reset on a terminal is an error, in a line of its own", async () => {
  const { peer, address } = await FragilePeer.listen();
  await using _peer = peer;
  await using terminal = await Terminal.open();
  terminal.call("PEER", address);
  await terminal.enter(`run client ${address}`);
  await terminal.endsWith("> |");
  await terminal.enter("ab");
  await peer.reset();
  const error = "coax: receive from PEER: reset by peer";
  await terminal.shows([GREETING, "> ab", error, "status 1", "$ |"]);
  await terminal.isRestored();
});

testWith(tmux, "Ctrl-D half-closes: both sides are told, and the answer arrives", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.enter("question");
  await terminal.press("C-d");
  assertEquals(await receiveText(conn), "question\n");
  const told = "your side has ended, and PEER knows: what it still says appears here";
  await terminal.shows([GREETING, "> question", told, "|"]);
  await terminal.type("more");
  const hint = "your side has ended: what you type goes nowhere, Ctrl-C leaves";
  await terminal.shows([GREETING, "> question", told, hint, "|"]);
  await send(conn, "answer\n");
  await terminal.shows([GREETING, "> question", told, hint, "answer", "|"]);
  conn.close();
  await terminal.endsWith(["answer", "PEER has left", "status 0", "$ |"]);
  await terminal.isRestored();
});

testWith(tmux, "two terminals: Ctrl-D in one ends both, and each says so", async () => {
  await using there = await Terminal.open({ columns: 100 });
  await there.enter("run server 127.0.0.1:0");
  const address = (await there.finds(/^listening on tcp:\/\/(127\.0\.0\.1:\d+)$/m))[1]!;
  await using here = await Terminal.open();
  here.call("PEER", address);
  await here.enter(`run client ${address}`);
  const ours = (await there.finds(/^\[1\] (127\.0\.0\.1:\d+) has connected/m))[1]!;
  there.call("CLIENT", ours);
  there.call("ADDRESS", address);
  await here.endsWith("> |");
  await here.enter("你好");
  await there.endsWith(["你好", "> |"]);
  await there.enter("hi");
  await here.shows([GREETING, "> 你好", "hi", "> |"]);
  await here.press("C-d");
  const told = "your side has ended, and PEER knows: what it still says appears here";
  await here.shows([GREETING, "> 你好", "hi", told, "PEER has left", "status 0", "$ |"]);
  await there.shows([
    "listening on tcp://ADDRESS",
    "[1] CLIENT has connected: type to send, Ctrl-D ends your side, Ctrl-C leaves",
    "你好",
    "> hi",
    "[1] CLIENT has left",
    "status 0",
    "$ |",
  ]);
  await there.isRestored();
  await here.isRestored();
});

testWith(
  tmux,
  "with --eof both, the peer's half-close is told, and ours is still to come",
  async () => {
    await using talk = await talking(["--eof both"]);
    const { terminal, conn } = talk;
    await conn.closeWrite();
    const told = "PEER has ended its side, and still hears you";
    await terminal.shows([GREETING, told, "> |"]);
    await terminal.enter("still here");
    assertEquals(await receiveText(conn, 11), "still here\n");
    await terminal.press("C-d");
    assertEquals(await receiveText(conn), "");
    await terminal.endsWith(["PEER has left", "status 0", "$ |"]);
  },
);

/** Keys and signals that end a client, and what the shell says then. */
const ENDS: readonly (readonly [name: string, key: string, Deno.Signal | "", status: string[]])[] =
  [
    ["Ctrl-C", "C-c", "", ["status 130"]],
    ["Ctrl-\\", "C-\\", "", ["status 131"]],
    ["SIGTERM", "", "SIGTERM", ["status 143"]],
    ["SIGHUP", "", "SIGHUP", ["status 129"]],
    ["SIGUSR1", "", "SIGUSR1", ["User defined signal 1", "status 138"]],
    ["SIGALRM", "", "SIGALRM", ["Alarm clock", "status 142"]],
  ];

for (const [name, key, signal, status] of ENDS) {
  testWith(tmux, `${name} leaves the terminal as it was`, async () => {
    await using talk = await talking();
    const { terminal } = talk;
    await terminal.type("中文");
    await terminal.endsWith("> 中文|");
    if (signal) await terminal.signal(signal);
    else await terminal.press(key);
    await terminal.endsWith([...status, "$ |"]);
    await terminal.isRestored();
    assertEquals(await terminal.marksPastes(), false);
  });
}

testWith(tmux, "a terminal that takes nothing keeps no client from ending", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  {
    using _ = await terminal.standsStill();
    await send(conn, `${"x".repeat(99)}\n`.repeat(3000));
    await terminal.signal("SIGTERM");
    await exited(await terminal.pid());
  }
  await terminal.finds(/status 143\n\$ \|$/);
  await terminal.isRestored();
});

testWith(tmux, "Ctrl-Z stops a client, the shell has its terminal, and fg goes on", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.type("typed bef");
  await terminal.endsWith("> typed bef|");
  await terminal.press("C-z");
  await terminal.endsWith("$ |");
  await terminal.enter("stty -a | grep -ow -e '-*icanon' -e '-*echo'");
  await terminal.endsWith([" icanon", " echo", "$ |"].map((row) => row.trim()));
  await send(conn, "meanwhile\n");
  await terminal.enter("clear; fg");
  await terminal.endsWith(["meanwhile", "> typed bef|"]);
  await terminal.enter("ore");
  assertEquals(await receiveText(conn, 13), "typed before\n");
  await terminal.press("C-d");
  assertEquals(await receiveText(conn), "");
});

testWith(tmux, "a client that was stopped by SIGSTOP draws its line again", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.type("ty");
  await terminal.endsWith("> ty|");
  await terminal.signal("SIGSTOP");
  await terminal.endsWith("$ |");
  await terminal.type("fg\n"); // The shell has found a terminal that makes no LF of Enter's CR.
  await terminal.endsWith("> ty|");
  await terminal.enter("ped");
  assertEquals(await receiveText(conn, 6), "typed\n");
  conn.close();
  await terminal.finds(/PEER has left\n/);
  await terminal.enter("stty -a | grep -ow -e '-*icanon' -e '-*echo'");
  await terminal.endsWith(["icanon", "echo", "$ |"]);
});

testWith(tmux, "without a shell that could go on with it, Ctrl-Z stops nothing", async () => {
  using peer = listenHere();
  await using terminal = await Terminal.open();
  await terminal.enter(`exec coax client ${peer.address}`);
  using conn = await peer.accept();
  await terminal.endsWith("> |");
  await terminal.press("C-z");
  await terminal.enter("still here");
  assertEquals(await receiveText(conn, 11), "still here\n");
});

testWith(tmux, "an error that nothing catches leaves the terminal as it was", async () => {
  await using terminal = await Terminal.open();
  const script = fileURLToPath(new URL("crashing.ts", import.meta.url));
  await terminal.enter(`run_program ${Deno.execPath()} run -A ${script}`);
  await terminal.endsWith(["status 1", "$ |"]);
  await terminal.isRestored();
});
