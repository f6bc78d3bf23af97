/** Where stdin comes from and where stdout goes: every kind, for a client and for a server. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { CLOSED, Coax, NULL, PIPE, run, shellLine, type Stdin, temporary } from "./coax.ts";
import { lacks } from "../support/parts.ts";
import { capacityOf } from "../support/pipes.ts";
import { until } from "../support/wait.ts";
import {
  connectTo,
  LARGE,
  listenHere,
  randomBytes,
  receive,
  receiveText,
  send,
  sha256,
} from "./peers.ts";

/** Each kind of stdin that is no terminal, and the bytes that the peer gets from it. */
async function kinds(directory: string): Promise<[name: string, stdin: Stdin, received: string][]> {
  const file = `${directory}/stdin`;
  await Deno.writeTextFile(file, "from a file\n");
  return [
    ["a pipe", "from a pipe\n", "from a pipe\n"],
    ["a file", { file }, "from a file\n"],
    ["/dev/null", NULL, ""],
    ["closed", CLOSED, ""],
  ];
}

Deno.test("a client sends what stdin holds, then FIN, and still prints the answer", async (t) => {
  await using temp = await temporary();
  for (const [name, stdin, received] of await kinds(temp.path)) {
    await t.step(`stdin is ${name}`, async () => {
      using peer = listenHere();
      await using client = Coax.start(["client", peer.address], { stdin });
      using conn = await peer.accept();
      assertEquals(await receiveText(conn), received);
      await send(conn, "answer\n");
      await conn.closeWrite();
      const exit = await client.exit();
      assertEquals([exit.status, exit.out, exit.stderr], [0, "answer\n", ""]);
    });
  }
});

Deno.test("a server sends what stdin holds, then FIN, and still prints what the client sends", async (t) => {
  await using temp = await temporary();
  for (const [name, stdin, received] of await kinds(temp.path)) {
    await t.step(`stdin is ${name}`, async () => {
      await using server = Coax.start(["server", "0"], { stdin });
      using conn = await connectTo(await server.address());
      assertEquals(await receiveText(conn), received);
      await send(conn, "question\n");
      await conn.closeWrite();
      const exit = await server.exit();
      assertEquals([exit.status, exit.out], [0, "question\n"]);
    });
  }
});

Deno.test("a listener goes on after its stdin's EOF", async () => {
  for (const command of ["server", "echo"]) {
    await using listener = Coax.start([command, "0"], { stdin: CLOSED });
    const address = await listener.address();
    using conn = await connectTo(address);
    await send(conn, "hello");
    await conn.closeWrite();
    assertEquals(await receiveText(conn), command === "echo" ? "hello" : "");
  }
});

Deno.test("a pipe that stays open keeps the client's side open", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", peer.address], { stdin: PIPE });
  using conn = await peer.accept();
  await client.write("one ");
  assertEquals(await receiveText(conn, 4), "one ");
  await send(conn, "answer");
  await client.prints(/answer/);
  await client.write("two");
  assertEquals(await receiveText(conn, 3), "two");
  await client.end();
  assertEquals(await receiveText(conn), "");
  conn.close();
  assertEquals((await client.exit()).status, 0);
});

Deno.test("bytes of every value arrive unaltered", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const bytes = Uint8Array.from({ length: 1024 }, (_, i) => i);
  const exit = await run(["client", await echo.address()], { stdin: bytes });
  assertEquals(exit.stdout, bytes);
});

Deno.test("8 MiB from a file come back into a file", async () => {
  await using temp = await temporary();
  const [from, to] = [`${temp.path}/from`, `${temp.path}/to`];
  const bytes = randomBytes(LARGE);
  await Deno.writeFile(from, bytes);
  await using echo = Coax.start(["echo", "0"]);
  const exit = await run(["client", await echo.address()], { stdin: { file: from }, stdout: to });
  assertEquals(exit.status, 0);
  assertEquals(await sha256(await Deno.readFile(to)), await sha256(bytes));
});

/** More than an immediate exit takes, less than any wait of the program, milliseconds. */
const AT_ONCE = 1500;

Deno.test("a client whose stdout is closed by its reader exits quietly with 0", async () => {
  using peer = listenHere();
  await using client = Coax.start(["client", peer.address], { stdin: PIPE });
  using conn = await peer.accept();
  await send(conn, "x".repeat(100));
  await client.prints(/x/);
  await client.stopReading();
  const exit = await client.exitWhile(() => send(conn, "more"), AT_ONCE);
  assertEquals([exit.status, exit.stderr], [0, ""]);
});

Deno.test("a server whose stdout is closed by its reader exits quietly with 0", async (t) => {
  for (const args of [["server", "-q", "0"], ["server", "-q", "-k", "0"]]) {
    await t.step(args.join(" "), async () => {
      await using temp = await temporary();
      const ready = `unix:${temp.path}/s`;
      const words = args.map((word) => word === "0" ? ready : word);
      await using server = Coax.start(words, { stdin: PIPE });
      await using client = Coax.start(
        ["client", "--retry", "99", "--retry-delay", "20ms", "-q", ready],
        { stdin: PIPE },
      );
      await client.write("hello");
      await server.prints(/hello/);
      await server.stopReading();
      const exit = await server.exitWhile(() => client.write("more"), AT_ONCE);
      assertEquals([exit.status, exit.stderr], [0, ""]);
    });
  }
});

Deno.test("what a client has received by SIGTERM still gets to a reader that was busy", async () => {
  await using temp = await temporary();
  using peer = listenHere();
  const gate = `${temp.path}/gate`;
  await Coax.spawn(["mkfifo", gate]).exit();
  const client = shellLine(["client", "-v", peer.address]);
  const line = `{ ${client} & echo "pid $!" >&2; wait; } | { read -r _ < ${gate}; wc -c; }`;
  await using shell = Coax.spawn(["sh", "-c", line], { stdin: PIPE });
  const pid = Number((await shell.logs(/pid (\d+)/))[1]);
  using conn = await peer.accept();
  const sending = send(conn, new Uint8Array(LARGE)).catch(() => {});
  await shell.logs(/first byte/);
  await new Promise((resolve) => setTimeout(resolve, 200)); // Until the pipe to the reader is full.
  Deno.kill(pid, "SIGTERM");
  const [, received] = await shell.logs(/received (\d+) bytes/);
  await Deno.writeTextFile(gate, "go\n");
  await sending;
  const { out } = await shell.exit();
  assert(Number(received) > 65_536, "more than the pipe holds");
  assertEquals(out.trim(), received);
});

Deno.test("a client piped to head -c1 exits quietly with 0", async () => {
  using peer = listenHere();
  const line = `{ ${shellLine(["client", peer.address])}; echo "status $?" >&2; } | head -c1`;
  await using shell = Coax.spawn(["sh", "-c", line], { stdin: PIPE });
  using conn = await peer.accept();
  await send(conn, "abc");
  await shell.prints(/a/);
  const exit = await shell.exitWhile(() => send(conn, "d"), AT_ONCE);
  assertEquals([exit.out, exit.stderr], ["a", "status 0\n"]);
});

Deno.test("what a relay's own stdio is piped through comes back", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const exit = await run(["relay", "-", await echo.address()], { stdin: "through stdio\n" });
  assertEquals([exit.status, exit.out, exit.stderr], [0, "through stdio\n", ""]);
});

Deno.test("an empty environment is enough", async () => {
  // From source, Deno itself has to find its cache.
  const { HOME, DENO_DIR } = Deno.env.toObject();
  const env = Deno.env.get("COAX_BIN") ? {} : { HOME: HOME ?? "", ...DENO_DIR && { DENO_DIR } };
  const bare = { clearEnv: true, env };
  await using echo = Coax.start(["echo", "0"], bare);
  const exit = await run(["client", await echo.address()], { ...bare, stdin: "hello" });
  assertEquals([exit.status, exit.out, exit.stderr], [0, "hello", ""]);
  const command = await run(["client", "exec:/bin/echo hi"], { ...bare });
  assertEquals([command.status, command.out], [0, "hi\n"]);
  assertMatch((await run(["--version"], bare)).out, /^coax /);
});

Deno.test({
  name: "pipes that carry much become larger: stdin, stdout, and a command's output",
  ignore: lacks("/proc"),
  async fn() {
    using peer = listenHere();
    await using client = Coax.start(["client", peer.address], { stdin: PIPE });
    using conn = await peer.accept();
    const sizes = () => [0, 1].map((descriptor) => capacityOf(client.pid, descriptor));
    const much = randomBytes(400_000);
    await client.write("little");
    await receiveText(conn, 6);
    assertEquals(sizes(), [65_536, 65_536]);
    await client.write(much);
    assertEquals(await receive(conn, much.length), much);
    await send(conn, much);
    await until(() => sizes().every((size) => size === 2 ** 20), "both pipes");
    await client.end();
    await conn.closeWrite();
    assertEquals((await client.exit()).status, 0);

    // A command that tells its process, and goes on once it has been looked at.
    const words = ["client", `sh:echo $$ >&2; head -c 400000 /dev/zero; read go`];
    await using shell = Coax.start(words, { stdin: PIPE });
    await shell.logs(/^\d+$/m);
    const [pid] = /^\d+$/m.exec(shell.stderr)!;
    await until(() => capacityOf(Number(pid), 1) === 2 ** 20, "the pipe of the command");
    await shell.write("go\n");
    await shell.end();
    assertEquals((await shell.exit()).status, 0);
  },
});

Deno.test("connections that share a relay's stdin get every byte of it, once", async () => {
  const CLIENTS = 12;
  const bytes = randomBytes(60_000);
  await using relay = Coax.start(["relay", "127.0.0.1:0", "-"], { stdin: PIPE });
  const address = await relay.address();
  using stack = new DisposableStack();
  let count = 0;
  const received: Promise<void>[] = [];
  for (let i = 0; i < CLIENTS; i++) {
    const conn = stack.use(await connectTo(address));
    await send(conn, "here");
    received.push((async () => {
      const buffer = new Uint8Array(65_536);
      for (let read; (read = await conn.read(buffer)) !== null;) count += read;
    })());
  }
  await relay.prints(new RegExp(`(here){${CLIENTS}}`));
  await relay.write(bytes);
  await until(() => count >= bytes.length, `all bytes: ${count}`);
  await relay.end();
  relay.signal("SIGTERM");
  await relay.exit();
  await Promise.allSettled(received);
  assertEquals(count, bytes.length);
});
