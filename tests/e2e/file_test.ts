/** Files, devices and FIFOs as an end of a connection: `file:`, `file+read:`, `file+append:`. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { SOURCE_IS_CONFINED } from "./confinement.ts";
import { connectTo, LARGE, randomBytes, receive, receiveText, send, sha256 } from "./peers.ts";
import { until } from "../support/wait.ts";

async function makeFifo(path: string): Promise<void> {
  const { success } = await new Deno.Command("mkfifo", { args: [path] }).output();
  assertEquals(success, true);
}

Deno.test("a client reads a file from its start to its end, and appends what it sends", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/log`;
  const text = () => Deno.readTextFile(path);
  await Deno.writeTextFile(path, "old\n");
  for (const address of [`file:${path}`, `file://${path}`, "FILE:log"]) {
    const before = await text();
    const exit = await run(["client", address], { stdin: "new\n", cwd: temp.path });
    assertEquals([exit.status, exit.out, exit.stderr], [0, before, ""]);
    assertEquals(await text(), before + "new\n");
  }
  const all = await text();
  const reading = await run(["client", `file+read:${path}`], { stdin: "dropped" });
  assertEquals([reading.status, reading.out, await text()], [0, all, all]);
  const appending = await run(["client", `file+append:${path}`], { stdin: "last\n" });
  assertEquals([appending.status, appending.out, await text()], [0, "", all + "last\n"]);
});

Deno.test("a recorded file is drawn as one, to which nothing connects", async () => {
  await using temp = await temporary();
  const [recording, file] = [`${temp.path}/r.jsonl`, `file:${temp.path}/log`];
  const talk = await run(["client", "--record", recording, file], { stdin: "new\n" });
  assertEquals(talk.status, 0, talk.stderr);
  const drawn = await run(["replay", recording, "--draw"]);
  assertMatch(drawn.out, /│ client \(coax\) │ +│ +file +│/);
  assertEquals(/SYN|FIN|connect /.test(drawn.out), false, drawn.out);
});

Deno.test("a missing file is made by those who append, with the mode of a shell's >>", async () => {
  await using temp = await temporary();
  for (const scheme of ["file", "file+append"]) {
    const path = `${temp.path}/${scheme}`;
    const exit = await run(["client", `${scheme}:${path}`], { stdin: "x" });
    assertEquals([exit.status, exit.out, await Deno.readTextFile(path)], [0, "", "x"]);
    assertEquals(Deno.statSync(path).mode! & 0o777, 0o666 & ~Deno.umask());
  }
});

Deno.test("what can't be opened is one line that names it, and its status", async () => {
  await using temp = await temporary();
  const path = (name: string) => `${temp.path}/${name}`;
  await makeFifo(path("fifo"));
  await using server = Coax.start(["echo", `unix:${path("socket")}`]);
  await server.address();
  const cases: [command: string[], status: number, reason: RegExp][] = [
    [["client", `file+read:${path("none")}`], 4, /open file\+read:\S+none: no such file/],
    [["client", `file:${path("none/x")}`], 4, /there is no folder \S+none/],
    [["client", `file:${temp.path}`], 4, /it is a directory/],
    [["client", `file:${path("socket")}`], 4, /did you mean unix:\S+socket\?/],
    [["client", `file:${path("fifo")}`], 2, /one way for a FIFO: file\+read:\S+ or file\+append:/],
    [["client", `file+append:${path("fifo")}`], 4, /nobody reads this FIFO/],
    [["client", "file:/dev/ttyS0,b115200,raw"], 2, /expected no options of socat/],
    [["client", "file:"], 2, /expected file:PATH/],
    [["client", "file+read://host/x"], 2, /did you mean file\+read:\/host\/x\?/],
    ...["wait", "server", "echo", "chat"].map((command): [string[], number, RegExp] => [
      [command, `file:${path("none")}`],
      2,
      command === "wait" ? /can't be waited for/ : /can't be listened on/,
    ]),
    [["bench", `file:${path("none")}`], 2, /can't be measured: a file echoes nothing/],
  ];
  for (const [command, status, reason] of cases) {
    const exit = await run(command, { stdin: "x" });
    assertEquals([exit.status, exit.out], [status, ""], `${command}: ${exit.stderr}`);
    assertMatch(exit.stderr, reason);
    assertEquals(exit.stderr.trimEnd().split("\n").length, 1, exit.stderr);
  }
  assertEquals([...Deno.readDirSync(temp.path)].map(({ name }) => name).sort(), [
    "fifo",
    "socket",
  ]);
});

Deno.test("a full disk is status 10 and one line, of a client and of a relay", async () => {
  if (SOURCE_IS_CONFINED) {
    const { status, stderr } = await run(["client", "file:/dev/full"], { stdin: "x" });
    assertEquals(status, 4);
    assertMatch(stderr, /: the runtime keeps programs away from most of \/dev and \/proc\n$/);
    return;
  }
  for (const scheme of ["file", "file+append"]) {
    const client = await run(["client", `${scheme}:/dev/full`, "--send-only"], { stdin: "x" });
    assertEquals(client.status, 10, client.stderr);
    assertMatch(
      client.stderr,
      /^coax: write file(\+append)?:\/dev\/full: no space left on device\n$/,
    );
  }
  await using relay = Coax.start(["relay", "127.0.0.1:0", "file+append:/dev/full"]);
  using conn = await connectTo(await relay.address());
  await send(conn, "x");
  const { status, stderr } = await relay.exit();
  assertEquals(status, 10, stderr);
  assertMatch(stderr, /write file\+append:\/dev\/full: no space left on device\n$/);
});

Deno.test("two connections of a relay append to one log, which is kept open for the slower", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/log`;
  await using relay = Coax.start(["relay", "-vv", "127.0.0.1:0", `file+append:${path}`]);
  const address = await relay.address();
  using first = await connectTo(address);
  using second = await connectTo(address);
  const written = (text: string) =>
    until(
      async () => await Deno.readTextFile(path).catch(() => "") === text,
      `the log holds ${text}`,
    );
  await send(first, "one\n");
  await written("one\n");
  await send(second, "two\n");
  await written("one\ntwo\n");
  await second.closeWrite();
  assertEquals(await receiveText(second), "");
  await send(first, "three\n");
  await first.closeWrite();
  assertEquals(await receiveText(first), "");
  await written("one\ntwo\nthree\n");
  await relay.logs(/gave up the rights to net, run, sys/);
});

Deno.test("every connection of a relay gets the file, which needs the right to read alone", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/page`;
  const bytes = randomBytes(1 << 20);
  await Deno.writeFile(path, bytes);
  await using relay = Coax.start(["relay", "-vv", "127.0.0.1:0", `file+read:${path}`]);
  const address = await relay.address();
  await relay.logs(/gave up the rights to net, run, sys, write/);
  for (let i = 0; i < 2; i++) {
    using conn = await connectTo(address);
    assertEquals(await sha256(await receive(conn)), await sha256(bytes));
  }
});

Deno.test("8 MiB pass from a FIFO to TCP and from TCP to a FIFO", async () => {
  await using temp = await temporary();
  const [from, to] = [`${temp.path}/from`, `${temp.path}/to`];
  await makeFifo(from);
  await makeFifo(to);
  const bytes = randomBytes(LARGE);
  await Deno.writeFile(`${temp.path}/in`, bytes);
  await using reader = Coax.spawn(["sh", "-c", `exec sha256sum <'${to}'`]);
  await using sink = Coax.start(["relay", "127.0.0.1:0", `file+append:${to}`, "--once"]);
  const source = Coax.start(["relay", `file+read:${from}`, await sink.address()]);
  await using _ = source;
  await using writer = Coax.spawn(["sh", "-c", `exec cat '${temp.path}/in' >'${from}'`]);
  const [read] = await Promise.all([reader.exit(), writer.exit()]);
  assertEquals(read.out.split(" ")[0], await sha256(bytes));
  for (const relay of [source, sink]) {
    const { status, stderr } = await relay.exit();
    assertEquals(status, 0, stderr);
  }
});

Deno.test("a FIFO whose reader goes away ends its writer with status 1", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/fifo`;
  await makeFifo(path);
  await using reader = Coax.spawn(["sh", "-c", `exec head -c 1 <'${path}'`]);
  const args = ["client", "--retry", "20", `file+append:${path}`];
  await using client = Coax.start(args, { stdin: PIPE });
  await client.write("x");
  await reader.exit();
  const { status, stderr } = await client.exitWhile(() => client.write("y".repeat(1000)));
  assertEquals(status, 1, stderr);
  assertMatch(stderr, /the peer has gone \(broken pipe\)/);
});

Deno.test("a signal ends a client that waits for a FIFO's writer", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/fifo`;
  await makeFifo(path);
  await using client = Coax.start(["client", "-v", `file+read:${path}`], { stdin: PIPE });
  await client.logs(/connected to file\+read:/);
  client.signal("SIGINT");
  assertEquals((await client.exit()).status, 130);
});
