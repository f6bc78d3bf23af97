/** SIGINT and SIGTERM: a client exits at once; a listener stops accepting, drains and cleans up. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { bareWs } from "../support/websocket.ts";
import { bytes } from "../ws/wire.ts";
import { Coax, PIPE, temporary } from "./coax.ts";
import { connectTo, exited, listenHere, receiveText, send } from "./peers.ts";

const SIGNALS = [["SIGINT", 130], ["SIGTERM", 143]] as const;

for (const [signal, status] of SIGNALS) {
  Deno.test(`${signal} ends a client at once, with data under way and without --grace`, async () => {
    using peer = listenHere();
    await using client = Coax.start(["client", peer.address], { stdin: PIPE });
    using conn = await peer.accept();
    await client.write("hello");
    assertEquals(await receiveText(conn, 5), "hello");
    client.signal(signal);
    assertEquals((await client.exit()).status, status);
  });

  Deno.test(`${signal} ends an idle listener with 0`, async () => {
    using target = listenHere();
    for (const args of [["server", "0"], ["server", "-k", "0"], ["echo", "0"], ["relay", "0"]]) {
      const operands = args[0] === "relay" ? [...args, target.address] : args;
      await using listener = Coax.start([...operands, "--grace", "1h"], { stdin: PIPE });
      await listener.address();
      listener.signal(signal);
      assertEquals((await listener.exit()).status, 0, args.join(" "));
    }
  });
}

for (const [signal, status] of SIGNALS) {
  Deno.test(`${signal} lets a client send Close 1001 to a WebSocket peer`, async () => {
    await using echo = Coax.start(["echo", "-v", "ws://127.0.0.1:0"]);
    await using client = Coax.start(["client", await echo.address()], { stdin: PIPE });
    await client.write("hello\n");
    await client.prints(/hello/);
    client.signal(signal);
    const exit = await client.exit();
    assertEquals(exit.status, status);
    assertMatch(exit.stderr, new RegExp(`^coax: client ws://\\S+: ended by ${signal}\\n$`));
    await echo.logs(/Close from 127\.0\.0\.1:\d+: 1001$/m);
    echo.signal("SIGTERM");
    assert(!(await echo.exit()).stderr.includes("1006"), echo.stderr);
  });
}

Deno.test("a client ends at a signal, whether its WebSocket peer answers the Close or not", async () => {
  await using server = await bareWs(bytes('81 02 "hi"'));
  const args = ["client", "-v", "--linger", "1ms", server.addresses[0]!.replace("tcp:", "ws:")];
  await using patient = Coax.start(args, { stdin: PIPE });
  await using client = Coax.start(args, { stdin: PIPE });
  for (const each of [patient, client]) await each.prints(/hi/);
  // One that has nothing more to say waits for the answer: the one with the signal overtakes it.
  await patient.end();
  await patient.logs(/Close to/);
  client.signal("SIGINT");
  assertEquals((await client.exit()).status, 130);
  assert(patient.running, "it waited for the answer");
});

Deno.test("a client ends at a signal while it waits to connect again", async () => {
  await using client = Coax.start(["client", "--retry", "forever", "unix:/nonexistent/s"]);
  await client.logs(/trying again/);
  client.signal("SIGTERM");
  assertEquals((await client.exit()).status, 143);
});

Deno.test("a draining echo accepts nobody and lets its connections finish", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const address = await echo.address();
  using conn = await connectTo(address);
  await send(conn, "one ");
  assertEquals(await receiveText(conn, 4), "one ");
  echo.signal("SIGTERM");
  await echo.logs(/stopping: 1 open connection/);
  const refused = await connectTo(address).then((c) => c.close(), (error) => error);
  assert(refused instanceof Deno.errors.ConnectionRefused, `${refused}`);
  await send(conn, "two");
  await conn.closeWrite();
  assertEquals(await receiveText(conn), "two");
  assertEquals((await echo.exit()).status, 0);
});

Deno.test("a draining relay lets ten connections finish", async () => {
  await using echo = Coax.start(["echo", "0"]);
  await using relay = Coax.start(["relay", "0", await echo.address()]);
  const address = await relay.address();
  const conns = await Promise.all(Array.from({ length: 10 }, () => connectTo(address)));
  for (const conn of conns) {
    await send(conn, "a");
    assertEquals(await receiveText(conn, 1), "a");
  }
  relay.signal("SIGINT");
  await relay.logs(/stopping: 10 open connections/);
  for (const conn of conns) {
    await send(conn, "b");
    await conn.closeWrite();
    assertEquals(await receiveText(conn), "b");
    conn.close();
  }
  assertEquals((await relay.exit()).status, 0);
});

Deno.test("a draining server lets its conversation finish", async () => {
  await using server = Coax.start(["server", "0"], { stdin: PIPE });
  using conn = await connectTo(await server.address());
  await send(conn, "one ");
  await server.prints(/one /);
  server.signal("SIGTERM");
  await server.logs(/stopping/);
  await send(conn, "two");
  await conn.closeWrite();
  await server.end();
  const exit = await server.exit();
  assertEquals([exit.status, exit.out], [0, "one two"]);
});

Deno.test("when --grace runs out, open connections are closed and the status is 0", async () => {
  using target = listenHere();
  for (const args of [["server"], ["server", "-k"], ["echo"], ["relay"]]) {
    let held: Deno.Conn | undefined;
    const to = args[0] === "relay" ? [target.address] : [];
    const words = [...args, "--grace", "200ms", "0", ...to];
    await using listener = Coax.start(words, { stdin: PIPE });
    using conn = await connectTo(await listener.address());
    await send(conn, "x");
    if (args[0] === "relay") assertEquals(await receiveText(held = await target.accept(), 1), "x");
    else if (args[0] === "echo") assertEquals(await receiveText(conn, 1), "x");
    else await listener.prints(/x$/);
    listener.signal("SIGTERM");
    const exit = await listener.exit();
    assertEquals(exit.status, 0, args.join(" "));
    assert(!exit.stderr.includes("coax:"), exit.stderr);
    assertMatch(exit.stderr, /may finish within 0\.2 s/);
    assertMatch(exit.stderr, /^closing 1 connection that didn't finish within 0\.2 s/m);
    assertEquals(await receiveText(conn), "", args.join(" "));
    held?.close();
  }
});

Deno.test("a second signal ends at once", async () => {
  await using echo = Coax.start(["echo", "--grace", "1h", "0"]);
  using conn = await connectTo(await echo.address());
  await send(conn, "x");
  assertEquals(await receiveText(conn, 1), "x");
  echo.signal("SIGINT");
  await echo.logs(/stopping/);
  echo.signal("SIGINT");
  assertEquals((await echo.exit()).status, 0);
});

Deno.test("a relay from stdio exits at a signal, within --grace", async () => {
  using target = listenHere();
  const args = ["relay", "-v", "--grace", "200ms", "-", target.address];
  await using relay = Coax.start(args, { stdin: PIPE });
  using conn = await target.accept();
  await send(conn, "hello");
  await relay.prints(/hello/);
  relay.signal("SIGTERM");
  const { status, stderr } = await relay.exit();
  assertEquals(status, 0);
  assertMatch(stderr, /may finish within 0\.2 s/);
  assertEquals(await receiveText(conn), "");
});

Deno.test("a relay that isn't connected yet exits at a signal, and has no connection to finish", async () => {
  const nobody = "unix:/nonexistent/s";
  for (const from of ["-", "127.0.0.1:0"]) {
    await using relay = Coax.start(["relay", "--retry", "forever", "--grace", "1h", from, nobody], {
      stdin: PIPE,
    });
    using _conn = from === "-" ? undefined : await connectTo(await relay.address());
    await relay.logs(/trying again/);
    relay.signal("SIGINT");
    const { status, stderr } = await relay.exit();
    assertEquals(status, 0, stderr);
    assert(!/stopping|coax:/.test(stderr), stderr);
  }
});

Deno.test("Unix socket files are removed, after a drain and after a second signal", async () => {
  await using temp = await temporary();
  const paths = [`${temp.path}/one`, `${temp.path}/two`];
  for (const signals of [1, 2]) {
    await using echo = Coax.start(["echo", "--grace", "1h", ...paths.map((p) => `unix:${p}`)]);
    const [address] = await echo.listening(2);
    const conn = await connectTo(address!);
    await send(conn, "x");
    assertEquals(await receiveText(conn, 1), "x");
    echo.signal("SIGTERM");
    await echo.logs(/stopping/);
    if (signals === 2) echo.signal("SIGTERM");
    conn.close();
    assertEquals((await echo.exit()).status, 0);
    assertEquals([...Deno.readDirSync(temp.path)], []);
  }
});

Deno.test("a relay at a signal kills the children that it started", async () => {
  const args = ["relay", "--grace", "100ms", "0", "sh:echo $$; exec sleep 3600"];
  await using relay = Coax.start(args);
  using conn = await connectTo(await relay.address());
  const [pid] = /^\d+/.exec(await receiveText(conn, 3)) ?? [];
  assertMatch(pid!, /^\d+$/);
  const rest = await receiveText(conn, 1).catch(() => "");
  const child = Number((pid! + rest).trim());
  relay.signal("SIGTERM");
  assertEquals((await relay.exit()).status, 0);
  await exited(child);
});

/** Other signals that end a program: a closed terminal, and Ctrl-\. */
const LISTENERS: (readonly string[])[] = [
  ["server"],
  ["server", "-k"],
  ["echo"],
  ["relay"],
  ["chat"],
  ["replay", "--serve"],
];

/** A script's background job ignores SIGQUIT, one under nohup SIGHUP, and what they start, too. */
const HEEDING = ["env", "--default-signal=HUP,QUIT"];

for (const [signal, status] of [["SIGHUP", 129], ["SIGQUIT", 131]] as const) {
  Deno.test(`${signal} leaves no Unix socket's file behind, whatever listens`, async () => {
    await using temp = await temporary();
    const recording = `${temp.path}/r.jsonl`;
    const event = { t: 0, id: 1, event: "open", peer: "127.0.0.1:1" };
    await Deno.writeTextFile(recording, JSON.stringify(event) + "\n");
    const files = `${temp.path}/files`;
    await Deno.mkdir(files);
    for (const words of LISTENERS) {
      const before = words[0] === "replay" ? [recording] : [];
      const after = words[0] === "relay" ? ["127.0.0.1:1"] : [];
      const addresses = words[0] === "chat" ? [`unix:${files}/a`, `ws+unix:${files}/b`] : [
        `unix:${files}/a`,
      ];
      const args = [...words, ...before, ...addresses, ...after];
      await using listener = Coax.start(args, { stdin: PIPE, before: HEEDING });
      await listener.listening(addresses.length);
      assertEquals([...Deno.readDirSync(files)].length, addresses.length);
      listener.signal(signal);
      const drains = signal === "SIGHUP" && words[0] !== "replay";
      const exit = await listener.exit();
      assertEquals(exit.status, drains ? 0 : status, `${args.join(" ")}: ${exit.stderr}`);
      assertEquals([...Deno.readDirSync(files)], [], args.join(" "));
    }
  });

  Deno.test(`${signal} ends a client with ${status} and one line`, async () => {
    using peer = listenHere();
    const options = { stdin: PIPE, before: HEEDING };
    await using client = Coax.start(["client", peer.address], options);
    using _conn = await peer.accept();
    client.signal(signal);
    const exit = await client.exit();
    assertEquals(exit.status, status);
    assertMatch(exit.stderr, new RegExp(`^coax: client \\S+: ended by ${signal}\\n$`));
  });
}

Deno.test("SIGHUP lets connections finish, SIGQUIT doesn't wait for them", async () => {
  for (const signal of ["SIGHUP", "SIGQUIT"] as const) {
    const args = ["echo", "--grace", "1h", "127.0.0.1:0"];
    await using echo = Coax.start(args, { before: HEEDING });
    using conn = await connectTo(await echo.address());
    await send(conn, "one ");
    assertEquals(await receiveText(conn, 4), "one ");
    echo.signal(signal);
    if (signal === "SIGHUP") {
      await echo.logs(/stopping: 1 open connection/);
      await send(conn, "two");
      await conn.closeWrite();
      assertEquals(await receiveText(conn), "two");
    }
    assertEquals((await echo.exit()).status, signal === "SIGHUP" ? 0 : 131);
  }
});

Deno.test("a signal that was ignored at the start stays ignored, as nohup wants it", async () => {
  using target = listenHere();
  const lines = [["echo", "0"], ["relay", "0", target.address], ["server", "-k", "0"]];
  for (const args of [...lines, ["chat", "0"]]) {
    const before = ["sh", "-c", 'trap "" HUP QUIT; exec "$@"', "sh"];
    // The target never ends its side of what the relay carries.
    await using listener = Coax.start([...args, "--grace", "100ms"], { before });
    const address = await listener.address();
    for (const signal of ["SIGHUP", "SIGQUIT", "SIGHUP"] as const) {
      listener.signal(signal);
      (await connectTo(address)).close();
    }
    listener.signal("SIGTERM");
    const exit = await listener.exit();
    assertEquals(exit.status, 0, `${args.join(" ")}: ${exit.stderr}`);
  }
  // In the target's queue stand connections of the relay.
  using peer = listenHere();
  await using client = Coax.start(["client", peer.address], { before: ["nohup"], stdin: PIPE });
  using conn = await peer.accept();
  client.signal("SIGHUP");
  await client.write("still here");
  assertEquals(await receiveText(conn, 10), "still here");
});

Deno.test("a command of wait under nohup ignores SIGHUP, too", async () => {
  using target = listenHere();
  const command = ["sh", "-c", "kill -HUP $$; echo alive"];
  const wait = ["wait", target.address, "--", ...command];
  await using under = Coax.start(wait, { before: ["nohup"] });
  assertEquals((await under.exit()).out, "alive\n");
  await using plain = Coax.start(wait, { before: HEEDING });
  assertEquals((await plain.exit()).out, "");
});
