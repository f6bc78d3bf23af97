/**
 * Commands as connections: which side waits, what is delivered, and that no process stays behind.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { connectTo, exited, receiveText, send } from "./peers.ts";

Deno.test("a relay delivers an answer whole to a client that is still uploading", async () => {
  const line = "sh:head -c 1 >/dev/null; exec head -c 12000000 /dev/zero";
  await using relay = Coax.start(["relay", "-v", "127.0.0.1:0", line]);
  using conn = await connectTo(await relay.address());
  const upload = send(conn, new Uint8Array(8_000_000));
  let count = 0;
  const buffer = new Uint8Array(64 * 1024);
  for (let n = await conn.read(buffer); n !== null; n = await conn.read(buffer)) {
    count += n;
    // Slower than the relay, so that much of the answer waits in the kernel when the command ends.
    if (count < 6_000_000) await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assertEquals(count, 12_000_000);
  await upload;
  await conn.closeWrite();
  await relay.logs(/close 127\.0\.0\.1:\d+: sent 12000000 bytes/);
  assert(!relay.stderr.includes("coax:"), relay.stderr);
});

Deno.test("a command that has exited ends its client, whatever stdin does", async () => {
  for (const [address, status] of [["exec:true", 0], ["exec:false", 1]] as const) {
    await using client = Coax.start(["client", address], { stdin: PIPE });
    assertEquals((await client.exit()).status, status);
  }
  await using client = Coax.start(["client", "exec:head -n 1"], { stdin: PIPE });
  const exit = await client.exitWhile(() => client.write("y\n".repeat(1000)));
  assertEquals([exit.status, exit.out, exit.stderr], [0, "y\n", ""]);
});

Deno.test("a command that has exited closes a relay's connection, whose client only reads", async () => {
  await using relay = Coax.start(["relay", "-v", "127.0.0.1:0", "exec:echo hi"]);
  using conn = await connectTo(await relay.address());
  assertEquals(await receiveText(conn), "hi\n");
  await relay.logs(/close 127\.0\.0\.1:\d+: sent 3 bytes/);
});

Deno.test("a command that only closes its stdout keeps its input", async () => {
  await using temp = await temporary();
  const line =
    `sh:exec >${temp.path}/log; cat >${temp.path}/in; sleep 2.5; echo ok >${temp.path}/done`;
  await using relay = Coax.start(["relay", "-v", "127.0.0.1:0", line]);
  const client = await run(["client", await relay.address()], { stdin: "upload" });
  assertEquals([client.status, client.stderr], [0, ""]);
  await relay.logs(/close 127\.0\.0\.1:\d+: /);
  assertEquals(await Deno.readTextFile(`${temp.path}/in`), "upload");
  assertEquals(await Deno.readTextFile(`${temp.path}/done`), "ok\n");
});

Deno.test("a WebSocket client of a command that fails gets its status", async () => {
  await using relay = Coax.start(["relay", "ws://127.0.0.1:0", "sh:echo answer; exit 3"]);
  const client = await run(["client", await relay.address()], { stdin: "question\n" });
  assertEquals([client.status, client.out.trim()], [8, "answer"]);
  assertMatch(client.stderr, /closed with 1011/);
});

Deno.test("no signal leaves a command or its children behind", async () => {
  const pair = `(trap "" TERM; exec sleep 3600) & echo $! $$; wait`;
  for (const address of [`exec:sh -c '${pair}'`, `sh:${pair}`]) {
    await using client = Coax.start(["client", address]);
    const [, ...pids] = await client.prints(/^(\d+) (\d+)\n/);
    client.signal("SIGINT");
    assertEquals((await client.exit()).status, 130);
    for (const pid of pids) await exited(Number(pid));
  }
});

Deno.test("neither a second signal nor the end of the grace leaves one behind", async () => {
  await using temp = await temporary();
  for (const [grace, signals] of [["1h", 2], ["100ms", 1]] as const) {
    const line = `sh:echo $$ >${temp.path}/pid; exec >&-; trap "" TERM; echo up >&2; sleep 3600; :`;
    await using relay = Coax.start(["relay", "--grace", grace, "0", line]);
    await run(["client", await relay.address()]); // The command outlives its client.
    await relay.logs(/^up$/m);
    const pid = Number(await Deno.readTextFile(`${temp.path}/pid`));
    relay.signal("SIGTERM");
    await relay.logs(/stopping/);
    if (signals === 2) relay.signal("SIGTERM");
    assertEquals((await relay.exit()).status, 0);
    await exited(pid);
  }
});

Deno.test("an expired --linger ends a whole pipeline", async () => {
  await using relay = Coax.start([
    "relay",
    "--linger",
    "200ms",
    "127.0.0.1:0",
    `exec:sh -c "sleep 3600 & echo \\$! \\$\\$; wait"`,
  ]);
  using conn = await connectTo(await relay.address());
  const pids = (await receiveLine(conn)).split(" ").map(Number);
  await conn.closeWrite();
  await relay.logs(/linger .*: silent for 0\.2 s/);
  for (const pid of pids) await exited(pid);
});

async function receiveLine(conn: Deno.Conn): Promise<string> {
  let line = "";
  while (!line.endsWith("\n")) line += await receiveText(conn, 1);
  return line;
}

Deno.test("a working directory that was removed meanwhile is named, and only commands fail", async () => {
  await using temp = await temporary();
  const cwd = `${temp.path}/gone`;
  await Deno.mkdir(cwd);
  await using relay = Coax.start(["relay", "127.0.0.1:0", "exec:cat"], { cwd });
  await using echo = Coax.start(["echo", "127.0.0.1:0", "unix:socket"], { cwd });
  const [address] = await echo.listening(2);
  const to = await relay.address();
  await Deno.remove(cwd, { recursive: true });
  (await connectTo(to)).close();
  await relay.logs(/^coax: \[1\] spawn exec:cat: our working directory has been removed$/m);
  const { status, out } = await run(["client", address!], { stdin: "here" });
  assertEquals([status, out], [0, "here"]);
  for (const process of [relay, echo]) {
    process.signal("SIGTERM");
    const exit = await process.exit();
    assertEquals(exit.status, 0, exit.stderr);
    assert(!/panic|at .*\.ts:/.test(exit.stderr), exit.stderr);
  }
});
