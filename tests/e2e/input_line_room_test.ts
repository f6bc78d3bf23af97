/** The input line in a room: names in colour, who we are, and what is ours. */
import { assertEquals, assertMatch } from "@std/assert";
import { testWith } from "../interop/peer_program.ts";
import { connectTo, send, soon } from "./peers.ts";
import { Terminal, tmux } from "./tmux.ts";

/** A room on a terminal, and a member of it on another. */
async function room(env: Record<string, string> = {}) {
  await using resources = new AsyncDisposableStack();
  const host = resources.use(await Terminal.open({ env }));
  await host.enter("run chat 127.0.0.1:0");
  const [, address] = await host.finds(/^listening on tcp:\/\/(127\.0\.0\.1:\d+)$/m);
  host.call("ADDRESS", address!);
  host.call("PORT", address!.replace(/.*:/, ""));
  await host.endsWith("server> |");
  const member = resources.use(await Terminal.open({ env }));
  member.call("ADDRESS", address!);
  await member.enter(`run client ${address}`);
  await member.endsWith("guest-1> |");
  const kept = resources.move();
  return { host, member, address: address!, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

const WELCOME = [
  "listening on tcp://ADDRESS",
  "join: coax client PORT",
  "-- welcome to main, server; nobody else is here; /help lists what you can do",
  "-- guest-1 has joined",
];
const GREETING = [
  "connected to ADDRESS: type to send, Ctrl-D ends your side, Ctrl-C leaves",
  "-- welcome to main, guest-1; one other is here; /help lists what you can do",
];

testWith(
  tmux,
  "in a room, the prompt is our name, and our lines stand apart from the others'",
  async () => {
    await using talk = await room();
    const { host, member } = talk;
    await host.type("half a l");
    await member.enter("/nick alice");
    await member.endsWith("alice> |");
    await member.enter("hello 你好");
    await host.shows([
      ...WELCOME,
      "-- guest-1 is now alice",
      "[alice] hello 你好",
      "server> half a l|",
    ]);
    await host.enter("ine");
    await member.endsWith(["[server] half a line", "alice> |"]);
    await member.enter("/me waves");
    await host.endsWith(["server> half a line", "* alice waves", "server> |"]);
    await member.shows([
      ...GREETING,
      "guest-1> /nick alice",
      "-- guest-1 is now alice",
      "alice> hello 你好",
      "[server] half a line",
      "alice> /me waves",
      "alice> |",
    ]);
    await member.press("C-d");
    await member.endsWith(["ADDRESS has left", "status 0", "$ |"]);
    await host.endsWith(["-- alice has left", "server> |"]);
    await host.enter("/quit");
    await host.endsWith(["server> /quit", "-- the server is going down", "status 0", "$ |"]);
    await host.isRestored();
    await member.isRestored();
  },
);

/** The color of a name in what a terminal shows, as the number of one of 256. */
function colorOf(name: string, screen: string): string | undefined {
  return new RegExp(`\\x1b\\[(?:\\d+;)*38;5;(\\d+)m(?:\\x1b\\[\\d+m)*${name}`).exec(screen)?.[1];
}

testWith(tmux, "a name has one color, on every terminal", async () => {
  await using talk = await room();
  const { host, member, address } = talk;
  using bob = await connectTo(`tcp://${address}`);
  await send(bob, "/nick bob\nhi\n/me nods\n/msg server psst\n/who\n");
  await host.endsWith(["[bob] hi", "* bob nods", "[bob -> server] psst", "server> |"]);
  await member.endsWith(["[bob] hi", "* bob nods", "guest-1> |"]);
  const [hosts, members] = [await host.colors(), await member.colors()];
  const color = colorOf("bob", hosts);
  assertMatch(color!, /^\d+$/);
  assertEquals(colorOf("bob", members), color);
  const others = [colorOf("server", hosts), colorOf("guest-1", hosts)];
  assertEquals(new Set([color, ...others]).size, 3, "names of different hues look different");
  for (const row of ["* bob nods", "[bob] hi"]) {
    const colored = row.replace("bob", `\x1b[38;5;${color}mbob\x1b[39m`);
    assertEquals(hosts.includes(colored), true, JSON.stringify(hosts));
  }
});

testWith(tmux, "with NO_COLOR a room has no colors, and our lines still stand apart", async () => {
  await using talk = await room({ NO_COLOR: "1" });
  const { host, member } = talk;
  await member.enter("hello");
  await host.endsWith(["[guest-1] hello", "server> |"]);
  await member.endsWith(["guest-1> hello", "guest-1> |"]);
  assertEquals([await host.colors(), await member.colors()].join("").includes("\x1b["), false);
});

testWith(tmux, "in a room Tab completes names, and elsewhere it is a tab", async () => {
  await using talk = await room();
  const { host, member, address } = talk;
  using bob = await connectTo(`tcp://${address}`);
  await send(bob, "/nick Bobby\n");
  await member.endsWith(["-- guest-2 is now Bobby", "guest-1> |"]);
  await member.type("bo");
  await member.press("Tab");
  await member.endsWith("guest-1> Bobby: |");
  await member.type("hi @B");
  await member.press("Tab");
  await member.press("Enter");
  await host.endsWith(["[guest-1] Bobby: hi @Bobby", "server> |"]);
  await host.type("/msg gu");
  await host.press("Tab");
  await host.enter("psst");
  await member.endsWith(["[server -> guest-1] psst", "guest-1> |"]);
  await host.type("x");
  await host.press("Tab");
  await host.type("y");
  await host.finds(/^server> x +y\|$/m);
});

testWith(tmux, "Ctrl-D of a room's host ends what it says, not what it sees", async () => {
  await using talk = await room();
  const { host, member } = talk;
  await host.press("C-d");
  const told = "your side has ended: the room goes on, Ctrl-C closes it";
  await host.shows([...WELCOME, told, "|"]);
  await member.enter("are you there?");
  await host.shows([...WELCOME, told, "[guest-1] are you there?", "|"]);
  await host.press("C-c");
  await host.endsWith(["-- the server is going down", "status 0", "$ |"]);
  await member.endsWith(["-- the server is going down", "ADDRESS has left", "status 0", "$ |"]);
  await host.isRestored();
});

testWith(tmux, "a terminal that stands still holds up nobody in its room", async () => {
  await using talk = await room();
  const { host, address } = talk;
  using one = await connectTo(`tcp://${address}`);
  using two = await connectTo(`tcp://${address}`);
  await host.endsWith(["-- guest-3 has joined", "server> |"]);
  {
    using _ = await host.standsStill();
    const reading = lastLine(two, "[one] the last\n");
    const line = "x".repeat(4000);
    for (let round = 0; round < 600; round++) await send(one, `${line}\n`);
    await send(one, "/nick one\nthe last\n");
    await reading;
  }
  await host.endsWith(["[one] the last", "server> |"]);
});

/** Reads until what has arrived ends with `line`. */
async function lastLine(conn: Deno.Conn, line: string): Promise<void> {
  const buffer = new Uint8Array(65_536);
  for (let end = ""; !end.endsWith(line);) {
    const count = await soon(conn.read(buffer), line);
    if (count === null) throw new Error(`EOF before ${line}`);
    end = (end + new TextDecoder().decode(buffer.subarray(0, count))).slice(-line.length);
  }
}

testWith(
  tmux,
  "a room's page is drawn as a QR code, black on white, above the conversation",
  async () => {
    await using host = await Terminal.open({ columns: 60, rows: 40 });
    await host.enter("run chat ws://127.0.0.1:0 --room tea");
    const [, url] = await host.finds(/^open (http:\/\/localhost:\d+\/)$/m);
    await host.endsWith("server> |");
    const { qrRows } = await import("../../src/chat/qr_code.ts");
    const [screen, colors] = [await host.screen(), await host.colors()];
    const first = screen.indexOf(`open ${url}`) + 1;
    const inverse = qrRows(url!, true).map((row) => row.replaceAll(/\x1b\[[\d;]*m/g, "").trimEnd());
    assertEquals(screen.slice(first, first + inverse.length), inverse);
    assertMatch(colors, /\x1b\[38;5;16m\x1b\[48;5;231m\s+█▀▀▀▀▀█/);
    assertMatch(screen[first + inverse.length]!, /^-- welcome to tea, server/);
  },
);

testWith(tmux, "a QR code that a terminal is too small for isn't drawn", async () => {
  await using host = await Terminal.open({ columns: 80, rows: 12 });
  await host.enter("run chat ws://127.0.0.1:0");
  await host.endsWith([
    "-- welcome to main, server; nobody else is here; /help lists what you can do",
    "server> |",
  ]);
  assertEquals((await host.screen()).join("").includes("█"), false);
});
