/** Access lists, limits, and the rights that are dropped. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { UNIX_NEEDS_NET } from "../../src/transports/rights.ts";
import { Coax, run, temporary } from "./coax.ts";
import { connectTo, receive, receiveText, send, unusedPort } from "./peers.ts";

Deno.test("a denied peer gets no byte, and the next one is served", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0", "[::1]:0", "--deny", "127.0.0.0/8"]);
  const [four, six] = await echo.listening(2);
  using conn = await connectTo(four!);
  assertEquals(await receive(conn).catch(() => new Uint8Array()), new Uint8Array());
  await echo.logs(/refused 127\.0\.0\.1:\d+: --deny lists it\n/);
  const exit = await run(["client", six!], { stdin: "hello" });
  assertEquals([exit.status, exit.out], [0, "hello"]);
});

Deno.test("a denied peer's WebSocket request isn't answered", async () => {
  await using echo = Coax.start(["echo", "ws://127.0.0.1:0", "--allow", "10.0.0.0/8"]);
  const exit = await run(["client", await echo.address()]);
  assertEquals(exit.status, 1, exit.stderr);
  await echo.logs(/refused 127\.0\.0\.1:\d+: --allow doesn't list it\n/);
});

Deno.test("a denied TLS peer gets no payload", async () => {
  const args = ["server", "-k", "tls://127.0.0.1:0", "--self-signed", "--allow", "10.0.0.0/8"];
  await using server = Coax.start([...args, "--send", "secret"]);
  const exit = await run(["client", "--insecure", await server.address()]);
  assertEquals(exit.out, "");
  await server.logs(/refused 127\.0\.0\.1:\d+: --allow doesn't list it\n/);
});

Deno.test("bad lists are usage errors that name the option", async () => {
  for (const [list, why] of [["10.0.0.0/40", "expected an address"], ["@/none", "can't be read"]]) {
    const exit = await run(["echo", "0", "--deny", list!]);
    assertEquals(exit.status, 2);
    assertStringIncludes(exit.stderr, "--deny");
    assertStringIncludes(exit.stderr, why!);
  }
});

Deno.test("--max-per-peer closes connections over it, and the slot is freed", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0", "--max-per-peer", "2"]);
  const address = await echo.address();
  const kept = [await connectTo(address), await connectTo(address)];
  using extra = await connectTo(address);
  assertEquals((await receive(extra)).length, 0);
  await echo.logs(/refused 127\.0\.0\.1:\d+: --max-per-peer 2 is reached\n/);
  for (const conn of kept) conn.close();
  const exit = await run(["client", "--retry", "5", address], { stdin: "hello" });
  assertEquals(exit.status, 0);
});

Deno.test("rights that aren't needed are dropped once everything is bound", async () => {
  await using temp = await temporary();
  const cases: [string[], string][] = [
    [["echo", "127.0.0.1:0"], "net, read, run, sys, write"],
    [["echo", "udp://127.0.0.1:0"], "read, run, sys, write"],
    [["echo", `unix:${temp.path}/s`], "net, run, sys"],
    [["server", "-k", "127.0.0.1:0"], "net, read, run, sys, write"],
    [["relay", "127.0.0.1:0", "127.0.0.1:1"], "read, run, sys, write"],
    [["relay", "127.0.0.1:0", "file:x"], "net, run, sys"],
    [["relay", "127.0.0.1:0", "file+read:x"], "net, run, sys, write"],
    [["relay", "127.0.0.1:0", "exec:cat"], "net, read, sys, write"],
    [
      ["relay", "127.0.0.1:0", `unix:${temp.path}/t`],
      UNIX_NEEDS_NET ? "run, sys" : "net, run, sys",
    ],
  ];
  for (const [args, rights] of cases) {
    await using coax = Coax.start([...args, "-vv"]);
    await coax.logs(new RegExp(`gave up the rights to ${rights}\\n`));
    if (args[0] === "echo") {
      const exit = await run(["client", await coax.address()], { stdin: "hello" });
      assertEquals([exit.status, exit.out], [0, "hello"], exit.stderr);
    }
  }
});

Deno.test("--metrics tells Prometheus what a relay does", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  const down = `127.0.0.1:${unusedPort()}`;
  const args = ["relay", "127.0.0.1:0", await echo.address(), down, "--balance", "failover"];
  await using relay = Coax.start([...args, "--metrics", "127.0.0.1:0"]);
  const [, url] = await relay.logs(/^metrics on (http:\/\/127\.0\.0\.1:\d+\/metrics)$/m);
  await run(["client", await relay.address()], { stdin: "hello" });
  const response = await fetch(url!);
  assertMatch(response.headers.get("content-type")!, /^text\/plain; version=0\.0\.4/);
  const text = await response.text();
  for (const line of ["coax_connections_total 1", "coax_received_bytes_total 5"]) {
    assertStringIncludes(text, `\n${line}\n`);
  }
  assertStringIncludes(text, `coax_target_up{target="${down}"} 1`);
  const other = await fetch(url!.replace("/metrics", "/other"));
  assertEquals([other.status, await other.text()], [404, "the metrics are at /metrics\n"]);
});

/** The status line and the rest of the answer to one request. */
async function ask(url: string, fields: string, target = "/metrics"): Promise<string> {
  using conn = await connectTo(url);
  await send(conn, `GET ${target} HTTP/1.1\r\n${fields}Connection: close\r\n\r\n`);
  return await receiveText(conn);
}

Deno.test("--metrics answers this machine and listed peers, and shows no secret", async () => {
  const target = `ws://127.0.0.1:${unusedPort()}/x?token=SECRET`;
  const args = ["relay", "127.0.0.1:0", target, "--allow-origin", "https://prom.example"];
  await using relay = Coax.start([...args, "--metrics", "127.0.0.1:0"]);
  const [, url] = await relay.logs(/^metrics on (.+)\/metrics$/m);
  const { port } = new URL(url!);
  const cases: [string, number][] = [
    [`Host: localhost:${port}\r\n`, 200],
    [`Host: 127.0.0.1\r\n`, 200],
    [`Host: [::ffff:127.0.0.1]:1\r\n`, 200],
    [`Host: prom.example:9\r\n`, 200],
    [`Host: prom.example\r\nOrigin: https://prom.example\r\n`, 200],
    [`Host: evil.example\r\n`, 403],
    [`Host: localhost.evil.example:${port}\r\n`, 403],
    [`Host: localhost:${port}\r\nOrigin: http://evil.example\r\n`, 403],
    [`Host: localhost:${port}\r\nOrigin: null\r\n`, 403],
  ];
  for (const [fields, status] of cases) {
    const answer = await ask(url!, fields);
    assertMatch(answer, new RegExp(`^HTTP/1.1 ${status} `), fields);
    assertEquals(answer.includes("coax_target_up"), status === 200);
    assert(!answer.includes("SECRET"), answer);
  }
  assertMatch(await ask(url!, "Host: evil.example\r\n", "/other"), /^HTTP\/1.1 403 /);
  assertStringIncludes(await ask(url!, cases[0]![0]), '/x?token=***"} 1\n');
});

Deno.test("--metrics that is bound wider answers to any Host", async () => {
  await using relay = Coax.start(["relay", "0", "9", "--metrics", "0.0.0.0:0"]);
  const [, port] = await relay.logs(/^metrics on .+:(\d+)\/metrics$/m);
  const at = `http://127.0.0.1:${port}`;
  assertMatch(await ask(at, "Host: evil.example\r\n"), /^HTTP\/1.1 200 /);
  const origin = "Host: a.example\r\nOrigin: http://b.example\r\n";
  assertMatch(await ask(at, origin), /^HTTP\/1.1 403 /);
});

Deno.test("a relay that leads back to itself is refused", async () => {
  const port = unusedPort();
  for (const to of [`${port}`, `127.0.0.1:${port}`, `ws://localhost:${port}/x`]) {
    const exit = await run(["relay", `127.0.0.1:${port}`, to]);
    assertEquals(exit.status, 2);
    assertStringIncludes(exit.stderr, `"${to}": leads back to this relay itself`);
  }
});

Deno.test("a relay that leads back to itself by another name of this machine is refused", async () => {
  await using temp = await temporary();
  const port = unusedPort();
  const loops = [
    [`127.0.0.1:${port}`, `[::ffff:127.0.0.1]:${port}`],
    [`:${port}`, `127.0.0.2:${port}`],
    [`:${port}`, `[::ffff:7f00:3]:${port}`],
    [`0.0.0.0:${port}`, `localhost:${port}`],
    [`unix:${temp.path}/s`, `unix:${temp.path}/../${temp.path.split("/").at(-1)}/s`],
  ];
  for (const [from, to] of loops) {
    const exit = await run(["relay", from!, to!]);
    assertEquals(exit.status, 2, to);
    assertStringIncludes(exit.stderr, `"${to}": leads back to this relay itself`);
  }
});

Deno.test("a relay to the other family of its own port is none to itself", async () => {
  const port = unusedPort();
  await using relay = Coax.start(["relay", `0.0.0.0:${port}`, `[::1]:${port}`]);
  await relay.address();
});
