/** A room as a process: TCP and Unix members, nc, and its own terminal. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { available, testWith } from "../interop/peer_program.ts";
import { COAX, Coax, PIPE, run, temporary } from "./coax.ts";
import { Guest } from "./guests.ts";
import { connectTo, receive, send } from "./peers.ts";

Deno.test("chat carries lines between TCP and Unix members and its own stdin and stdout", async () => {
  await using folder = await temporary();
  const path = `unix:${folder.path}/room`;
  await using room = Coax.start(["chat", "0", path, "--room", "tea"], { stdin: PIPE });
  const [tcp, , unix] = await room.listening(3);
  assertEquals(unix, path);
  await room.prints(/^-- welcome to tea, server; nobody else is here/);
  using alice = await Guest.join(tcp!);
  using bob = await Guest.join(unix!);
  await alice.sees(/-- guest-2 has joined/);
  await alice.type("hello\r");
  await bob.sees(/^\[guest-1\] hello$/);
  await room.prints(/^\[guest-1\] hello\n/m);
  await room.write("from the host\n/me waves\n");
  for (const guest of [alice, bob]) {
    await guest.sees(/^\[server\] from the host$/);
    await guest.sees(/^\* server waves$/);
  }
  await room.end();
  await bob.type("still here");
  await alice.sees(/^\[guest-2\] still here$/);
  await room.prints(/\[guest-2\] still here\n/);
});

Deno.test("chat says what to open and what to type, in text and in JSON", async () => {
  await using folder = await temporary();
  const path = `unix:${folder.path}/room`;
  for (const format of ["text", "json"]) {
    const words = ["chat", "0", "ws://0/x", "tls://0", "--self-signed", path];
    await using room = Coax.start([...words, "--log-format", format], { stdin: PIPE });
    await room.logs(/join: coax client unix:.*\n/);
    const known = (scheme: string) => {
      return new RegExp(`listening on ${scheme}://127.0.0.1:(\\d+)`).exec(room.stderr)![1]!;
    };
    const [, pin] = /pin (sha256:[0-9a-f]{64})/.exec(room.stderr)!;
    const expected = [
      `join: coax client ${known("tcp")}`,
      `open http://localhost:${known("ws")}/x`,
      `join: coax client tls://${known("tls")} --pin ${pin}`,
      `join: coax client ${path}`,
    ];
    const told = room.stderr.trimEnd().split("\n").slice(-4);
    if (format === "text") {
      assertEquals(told, expected);
      continue;
    }
    const events = told.map((line) => JSON.parse(line));
    assertEquals(events.map(({ event }) => event), ["join", "open", "join", "join"]);
    assertEquals(events[0].command, `coax client ${known("tcp")}`);
    assertEquals(events[1].address, `http://localhost:${known("ws")}/x`);
  }
});

Deno.test("what chat says to type joins the room", async () => {
  await using folder = await temporary();
  const words = ["chat", "0", "tls://0", "--self-signed", "udp://0", `unix:${folder.path}/a room`];
  await using room = Coax.start(words, { stdin: PIPE });
  await room.logs(/join: coax client .*a room.\n/);
  const commands = [...room.stderr.matchAll(/^join: coax (.*)$/gm)].map(([, line]) => line!);
  assertEquals(commands.length, 4);
  for (const line of commands) {
    const shell = ["sh", "-c", `exec "$@" ${line}`, "sh", ...COAX];
    await using member = Coax.spawn(shell, { stdin: `from ${line.replaceAll("'", "")}\n/quit\n` });
    await room.prints(/\] from client .*\n/);
    assertEquals((await member.exit()).status, 0, line);
  }
  for (const kind of ["client \\d+", "client tls://\\d+", "client unix:\\S* room", "client udp:"]) {
    await room.prints(new RegExp(`\\] from ${kind}`));
  }
});

Deno.test("SIGTERM closes a chat's members with a notice, and it exits with 0", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0", "--grace", "1h"], { stdin: PIPE });
  using alice = await Guest.join(await room.address());
  await alice.type("/who");
  await alice.sees(/-- here: server, guest-1/);
  room.signal("SIGTERM");
  await alice.sees(/-- the server is going down/);
  await alice.ended();
  const { status, stderr } = await room.exit();
  assertEquals(status, 0);
  assert(!stderr.includes("coax:"), stderr);
});

Deno.test("/quit on its own terminal ends the room", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0", "--grace", "1h"], { stdin: PIPE });
  using alice = await Guest.join(await room.address());
  await room.write("goodbye\n/quit\n");
  await alice.sees(/\[server\] goodbye/);
  await alice.sees(/going down/);
  assertEquals((await room.exit()).status, 0);
});

Deno.test("a room whose stdout is closed by its reader exits quietly", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0"], { stdin: PIPE });
  using alice = await Guest.join(await room.address());
  await room.stopReading();
  assertEquals((await room.exitWhile(() => alice.type("anyone?"))).status, 0);
});

Deno.test("a room with neither stdin nor a terminal serves on", async () => {
  for (const stdin of ["", { kind: "null" }, { kind: "closed" }] as const) {
    await using room = Coax.start(["chat", "127.0.0.1:0"], { stdin });
    using alice = await Guest.join(await room.address());
    await alice.type("/who");
    await alice.sees(/-- here: server, guest-1/);
  }
});

Deno.test("who types no Enter gets a hint, once", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0"], { stdin: PIPE });
  await using member = Coax.start(["client", await room.address()], { stdin: PIPE });
  await member.prints(/welcome/);
  await member.write("hello");
  await member.prints(/-- a line ends with Enter/);
  assert(!room.out.includes("hello"));
  await member.write("\n");
  await room.prints(/\[guest-1\] hello\n/);
  assert(!room.out.includes("Enter"));
});

Deno.test("chat --history sets how much of the past is shown", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0", "--history", "2"], { stdin: PIPE });
  const address = await room.address();
  using alice = await Guest.join(address);
  await alice.type("one\ntwo\nthree\n/who");
  await alice.sees(/-- here/);
  using bob = await Guest.join(address);
  await bob.sees(/three/);
  assertEquals(bob.memberLines, ["[guest-1] two", "[guest-1] three"]);
});

Deno.test("chat refuses a bad name, history or bus with status 2", async () => {
  const lines = [["--room", "a b"], ["--history", "x"], ["--bus", "http://x"], [
    "--bus",
    "nats://",
  ]];
  for (const [option, value] of lines) {
    const { status, stderr } = await run(["chat", "0", option!, value!]);
    assertEquals(status, 2);
    assertMatch(stderr, new RegExp(`^coax: ${option} ${value}: expected .*Try 'coax chat --help'`));
  }
});

const nc = { name: "nc (OpenBSD)", available: available("nc", ["-h"], /OpenBSD/) };

testWith(nc, "nc is a member: it types, reads, and leaves at EOF", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0"], { stdin: PIPE });
  const address = await room.address();
  using alice = await Guest.join(address);
  const { hostname, port } = new URL(address);
  await using member = Coax.spawn(["nc", "-N", hostname, port], { stdin: PIPE });
  await member.prints(/-- welcome to main, guest-2/);
  await member.write("/nick nc\nhello from nc\n");
  await alice.sees(/^\[nc\] hello from nc$/);
  await alice.type("hello nc");
  await member.prints(/^\[guest-1\] hello nc\n/m);
  await member.end();
  assertEquals((await member.exit()).status, 0);
  await alice.sees(/^-- nc has left$/);
});

Deno.test("--encoding lets old terminals join: they use GBK, the room is UTF-8", async () => {
  await using room = Coax.start(["chat", "127.0.0.1:0", "--encoding", "gbk"], { stdin: PIPE });
  using conn = await connectTo(await room.address());
  await send(conn, Uint8Array.of(0xc4, 0xe3, 0xba, 0xc3, 0x0a)); // 你好
  await room.prints(/\[guest-1\] 你好\n/);
  await room.write("你\n/quit\n");
  const received = new TextDecoder("gbk").decode(await receive(conn));
  assertStringIncludes(received, "[server] 你\n");
});
