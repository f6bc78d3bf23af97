/** Listening: bound addresses, who is let in, Unix socket files. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE, run, temporary } from "./coax.ts";
import { connectTo, receiveText, send } from "./peers.ts";

Deno.test("a port alone is bound on both families of loopback, and nowhere else", async () => {
  await using echo = Coax.start(["echo", "0"]);
  const [four, six] = await echo.listening(2);
  assertMatch(four!, /^tcp:\/\/127\.0\.0\.1:\d+$/);
  assertEquals(six, four!.replace("127.0.0.1", "[::1]"));
  assert(!echo.stderr.includes("every interface"));
  for (const address of [four!, six!, four!.slice("tcp://".length), four!.split(":").at(-1)!]) {
    assertEquals((await run(["client", address], { stdin: "paste" })).out, "paste");
  }
});

Deno.test(":PORT binds every interface, prints the bound addresses, and logs it once", async () => {
  for (const written of [":0", "*:0", "tcp://:0"]) {
    await using echo = Coax.start(["echo", written]);
    const [four, six] = await echo.listening(2);
    assertMatch(four!, /^tcp:\/\/0\.0\.0\.0:\d+$/);
    assertEquals(six, four!.replace("0.0.0.0", "[::]"));
    await echo.logs(/every interface/);
    assertEquals(echo.stderr.match(/every interface/g)?.length, 1);
    const port = four!.split(":").at(-1)!;
    for (const host of ["127.0.0.1", "[::1]"]) {
      assertEquals((await run(["client", `${host}:${port}`], { stdin: "hi" })).out, "hi");
    }
  }
});

Deno.test("several addresses are served at once", async () => {
  await using temp = await temporary();
  const words = ["127.0.0.1:0", "[::1]:0", `unix:${temp.path}/a`, `unix://${temp.path}/b`];
  await using echo = Coax.start(["echo", ...words]);
  const bound = await echo.listening(4);
  assertEquals(bound.slice(2), [`unix:${temp.path}/a`, `unix:${temp.path}/b`]);
  for (const address of bound) {
    assertEquals((await run(["client", address], { stdin: address })).out, address);
  }
});

Deno.test("if one of several addresses can't be bound, none is served", async () => {
  await using temp = await temporary();
  const exit = await run(["echo", `unix:${temp.path}/a`, "unix:/nonexistent/b"]);
  assertEquals(exit.status, 4);
  assertEquals([...Deno.readDirSync(temp.path)], []);
});

Deno.test("--ready-file has the bound addresses, a line each", async () => {
  await using temp = await temporary();
  const file = `${temp.path}/ready`;
  await using echo = Coax.start(["echo", "-v", "--ready-file", file, "0", `unix:${temp.path}/s`]);
  const bound = await echo.listening(3);
  using conn = await connectTo(bound[0]!);
  await echo.logs(/accept/); // By now it has been written.
  assertEquals(await Deno.readTextFile(file), bound.map((address) => `${address}\n`).join(""));
  assertEquals(conn.remoteAddr.transport, "tcp");
});

Deno.test("a connection over -m is closed at once and logged, and its slot is freed later", async () => {
  await using echo = Coax.start(["echo", "-m", "2", "0"]);
  const address = await echo.address();
  const first = await connectTo(address);
  using second = await connectTo(address);
  for (const conn of [first, second]) {
    await send(conn, "x");
    assertEquals(await receiveText(conn, 1), "x");
  }
  using third = await connectTo(address);
  assertEquals(await receiveText(third).catch(() => ""), "");
  await echo.logs(/refused 127\.0\.0\.1:\d+: --max-connections 2 is reached\n/);
  first.close();
  let served = "";
  while (served === "") {
    using later = await connectTo(address);
    await send(later, "y").catch(() => {});
    served = await receiveText(later, 1).catch(() => "");
  }
  assertEquals(served, "y");
});

Deno.test("a server without -k takes one client and refuses the next", async () => {
  await using server = Coax.start(["server", "127.0.0.1:0"], { stdin: PIPE });
  const address = await server.address();
  using conn = await connectTo(address);
  await send(conn, "one");
  await server.prints(/one/);
  const late = await connectTo(address).then((c) => c.close(), (error) => error);
  assert(late instanceof Deno.errors.ConnectionRefused, `${late}`);
  await server.end();
  await conn.closeWrite();
  assertEquals((await server.exit()).status, 0);
});

Deno.test("server -k receives from fifty clients, and each receives all of stdin", async () => {
  const count = 50;
  await using server = Coax.start(["server", "-k", "-v", "0"], { stdin: PIPE });
  const address = await server.address();
  const conns = await Promise.all(Array.from({ length: count }, () => connectTo(address)));
  await Promise.all(conns.map((conn, i) => send(conn, `from ${i}\n`)));
  await server.prints(new RegExp(`(from \\d+\\n){${count}}`));
  await server.write("to all\n");
  const received = await Promise.all(conns.map((conn) => receiveText(conn, 7)));
  assertEquals(new Set(received), new Set(["to all\n"]));
  const numbers = server.out.trimEnd().split("\n").map((line) => line.slice("from ".length));
  assertEquals(
    numbers.map(Number).sort((a, b) => a - b),
    Array.from({ length: count }, (_, i) => i),
  );
  for (const conn of conns) conn.close();
  await server.end();
  using again = await connectTo(address);
  await send(again, "still served\n");
  await server.prints(/still served/);
});

Deno.test("--prefix marks whole lines with their peer, however they arrive", async () => {
  await using server = Coax.start(["server", "-k", "--prefix", "0"], { stdin: PIPE });
  const address = await server.address();
  using one = await connectTo(address);
  using two = await connectTo(address);
  await send(one, "first half, ");
  await send(two, "whole\n");
  await server.prints(/whole\n/);
  await send(one, "second half\nno newline");
  await server.prints(/second half\n/);
  await one.closeWrite();
  await server.prints(/no newline\n/);
  const [a, b] = [one, two].map((conn) => `[127.0.0.1:${(conn.localAddr as Deno.NetAddr).port}] `);
  assertEquals(server.out, `${b}whole\n${a}first half, second half\n${a}no newline\n`);
});

Deno.test("relay --once serves one connection and exits with its status", async () => {
  await using echo = Coax.start(["echo", "0"]);
  await using relay = Coax.start(["relay", "--once", "0", await echo.address()]);
  const exit = await run(["client", await relay.address()], { stdin: "once" });
  assertEquals(exit.out, "once");
  assertEquals((await relay.exit()).status, 0);

  await using failing = Coax.start(["relay", "--once", "0", "unix:/nonexistent/target"]);
  await run(["client", "-q", await failing.address()]);
  const failed = await failing.exit();
  assertEquals(failed.status, 4);
  assertMatch(failed.stderr, /coax: connect unix:\/nonexistent\/target: /);
});

Deno.test("a Unix socket has mode 0600, or what --socket-mode says", async () => {
  await using temp = await temporary();
  for (const [args, mode] of [[[], 0o600], [["--socket-mode", "0660"], 0o660]] as const) {
    const path = `${temp.path}/${mode}`;
    await using echo = Coax.start(["echo", ...args, `unix:${path}`]);
    await echo.address();
    assertEquals((await Deno.lstat(path)).mode! & 0o777, mode);
  }
});

Deno.test("a stale Unix socket is replaced, a live one is in use, a file is left alone", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/s`;
  {
    await using killed = Coax.start(["echo", `unix:${path}`]);
    await killed.address();
    killed.signal("SIGKILL");
    await killed.exit();
  }
  assert((await Deno.lstat(path)).isSocket, "what a killed listener leaves");
  await using echo = Coax.start(["echo", `unix:${path}`]);
  await echo.address();
  const second = await run(["echo", `unix:${path}`]);
  assertEquals(second.status, 4);
  assertMatch(
    second.stderr,
    /^coax: listen unix:.*: address in use(?:; \S+ \(process \d+\) has it)?\n$/,
  );
  assertEquals((await run(["client", `unix:${path}`], { stdin: "alive" })).out, "alive");

  const file = `${temp.path}/file`;
  await Deno.writeTextFile(file, "precious");
  await Deno.symlink(file, `${temp.path}/link`);
  for (const name of ["file", "link"]) {
    const refused = await run(["echo", `unix:${temp.path}/${name}`]);
    assertEquals(refused.status, 4);
    assertMatch(refused.stderr, /no socket/);
  }
  assertEquals(await Deno.readTextFile(file), "precious");
});

Deno.test("only our own Unix socket file is removed at exit", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/s`;
  await using first = Coax.start(["echo", `unix:${path}`]);
  await first.address();
  await Deno.remove(path);
  await using second = Coax.start(["echo", `unix:${path}`]);
  await second.address();
  first.signal("SIGTERM");
  assertEquals((await first.exit()).status, 0);
  assertEquals((await run(["client", `unix:${path}`], { stdin: "kept" })).out, "kept");
});

Deno.test("a server without -k removes its Unix socket once it has its client", async () => {
  await using temp = await temporary();
  await using server = Coax.start(["server", `unix:${temp.path}/s`], { stdin: PIPE });
  using conn = await connectTo(await server.address());
  await send(conn, "x");
  await server.prints(/x/);
  assertEquals([...Deno.readDirSync(temp.path)], []);
});
