/** Unix sockets for datagrams, `unixgram:PATH`. */
import { assertEquals, assertMatch } from "@std/assert";
import { addressInUse } from "./address_in_use.ts";
import { Coax, PIPE, run, temporary } from "./coax.ts";

Deno.test("unixgram: carries messages with their borders, through an echo and relays", async () => {
  await using temp = await temporary();
  const [path, front] = [`unixgram:${temp.path}/echo`, `unixgram:${temp.path}/front`];
  await using echo = Coax.start(["echo", path]);
  assertEquals(await echo.address(), path);
  assertEquals(Deno.lstatSync(`${temp.path}/echo`).mode! & 0o777, 0o600);
  await using relay = Coax.start(["relay", front, path]);
  await using udp = Coax.start(["relay", "udp://0", front]);
  await relay.address();
  for (const address of [path, front, await udp.address()]) {
    for (const stdin of ["one\ntwo\nthree\n", "one\n\nthree\n"]) {
      const args = ["client", "--frame", "jsonl", address];
      const lines = stdin.split("\n").slice(0, -1).map((text) => JSON.stringify({ text }) + "\n");
      const { status, out, stderr } = await run(args, { stdin: lines.join("") });
      assertEquals([status, out], [0, lines.join("")], stderr);
    }
  }
  assertEquals((await run(["wait", path])).status, 0);
  echo.signal("SIGTERM");
  assertEquals((await echo.exit()).status, 0);
  const left = [...Deno.readDirSync(temp.path)].map(({ name }) => name);
  assertEquals(left, ["front"]);
});

Deno.test("a client of a server hears its answers, and leaves no file", async () => {
  await using temp = await temporary();
  for (const address of ["unixgram:s", `unixgram:@coax-${crypto.randomUUID()}`]) {
    await using server = Coax.start(["server", address], { stdin: PIPE, cwd: temp.path });
    await server.address();
    await using client = Coax.start(["client", address], { stdin: PIPE, cwd: temp.path });
    await client.write("question\n");
    await server.prints(/^question\n$/);
    await server.write("answer\n");
    await client.prints(/^answer\n$/);
    await client.end();
    assertEquals((await client.exit()).status, 0);
    server.signal("SIGTERM");
    await server.exit();
    assertEquals([...Deno.readDirSync(temp.path)], []);
  }
});

Deno.test("where nobody receives datagrams is status 4, and says what is there", async () => {
  await using temp = await temporary();
  const path = (name: string) => `${temp.path}/${name}`;
  await using stream = Coax.start(["echo", `unix:${path("stream")}`]);
  await using datagrams = Coax.start(["echo", `unixgram:${path("datagrams")}`]);
  await Promise.all([stream.address(), datagrams.address()]);
  const live = Deno.listenDatagram({ transport: "unixpacket", path: path("live") });
  await Deno.rename(path("live"), path("stale"));
  live.close();
  await Deno.writeTextFile(path("file"), "precious");
  const cases: [address: string, reason: RegExp][] = [
    [`unixgram:${path("none")}`, /no such file or directory/],
    [`unixgram:${path("stale")}`, /connection refused/],
    [`unixgram:${path("stream")}`, /for streams is there; did you mean unix:\S+\/stream\?/],
    [`unix:${path("datagrams")}`, /for datagrams is there; did you mean unixgram:\S+\/datagrams\?/],
  ];
  for (const [address, reason] of cases) {
    const { status, stderr } = await run(["client", address], { stdin: "x" });
    assertEquals(status, 4, stderr);
    assertMatch(stderr, reason);
  }
  const taken: [name: string, reason: RegExp][] = [
    ["datagrams", addressInUse(datagrams.pid)],
    ["stream", addressInUse(stream.pid)],
    ["file", /no socket; left as it is/],
  ];
  for (const [name, reason] of taken) {
    const { status, stderr } = await run(["server", `unixgram:${path(name)}`]);
    assertEquals(status, 4);
    assertMatch(stderr, reason);
  }
  await using replaced = Coax.start(["echo", `unixgram:${path("stale")}`]);
  await replaced.address();
});

Deno.test("a drawn recording has neither UDP nor a handshake of TCP", async () => {
  await using temp = await temporary();
  const [path, front] = [`unixgram:${temp.path}/echo`, `unixgram:${temp.path}/front`];
  const file = `${temp.path}/recording.jsonl`;
  await using echo = Coax.start(["echo", path]);
  await echo.address();
  await using relay = Coax.start(["relay", front, path, "--record", file]);
  await relay.address();
  assertEquals((await run(["client", front], { stdin: "hello\n" })).out, "hello\n");
  relay.signal("SIGTERM");
  await relay.exit();
  const { status, out } = await run(["replay", file, "--draw"]);
  assertEquals(status, 0);
  assertMatch(out, /─ "hello/);
  assertEquals(/UDP|SYN|accept/.test(out), false, out);
});

Deno.test("a datagram that the system can't carry is status 1, and the others arrive", async () => {
  await using temp = await temporary();
  const path = `unixgram:${temp.path}/s`;
  await using server = Coax.start(["server", path], { stdin: PIPE });
  await server.address();
  const large = "x".repeat(1 << 20) + "yz";
  const { status, stderr } = await run(["client", "--frame", "line", path], {
    stdin: `before\n${large}\nafter\n`,
  });
  assertEquals(status, 1);
  assertMatch(stderr, /longer than a datagram can be/);
  await server.prints(/^before\n?after/);
});

Deno.test("a slow receiver slows its sender, and every datagram arrives in order", async () => {
  await using temp = await temporary();
  const path = `unixgram:${temp.path}/s`;
  const command = `exec:sh -c 'sleep 1; exec cat >${temp.path}/out'`;
  await using relay = Coax.start(["relay", path, command]);
  await relay.address();
  const lines = Array.from({ length: 20_000 }, (_, i) => `${i} ${"x".repeat(200)}\n`).join("");
  const { status, stderr } = await run(
    ["client", "--frame", "line", "--send-only", "--linger", "3s", path],
    { stdin: lines },
  );
  assertEquals(status, 0, stderr);
  relay.signal("SIGTERM");
  await relay.exit();
  const arrived = await Deno.readTextFile(`${temp.path}/out`);
  assertEquals(arrived.length, lines.replaceAll("\n", "").length);
});
