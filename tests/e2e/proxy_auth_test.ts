/** `--auth`: a proxy server that asks its clients to log in. And its clients of SOCKS 4. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, type Exit, run, temporary } from "./coax.ts";
import { connectTo, receive, receiveText, send } from "./peers.ts";

const OPEN = ["--allow-target", "127.0.0.0/8"];
const proxy = (kind: string, ...args: string[]) =>
  Coax.start(["relay", "127.0.0.1:0", kind, ...OPEN, ...args]);
const portOf = async (coax: Coax) => /:(\d+)$/.exec(await coax.address())![1]!;

/** What a client with a wrong login sends. */
const GUESSES = {
  socks5: Uint8Array.of(5, 1, 2, 1, 1, 97, 1, 98),
  http: `CONNECT x:1 HTTP/1.1\r\nHost: x:1\r\nProxy-Authorization: Basic ${btoa("a:b")}\r\n\r\n`,
};

/** A client that says "hello" to an echo through a proxy. */
async function through(url: string, echo: Coax): Promise<Exit> {
  const target = `127.0.0.1:${await portOf(echo)}`;
  return await run(["client", target, "--via", url], { stdin: "hello" });
}

for (const [kind, scheme] of [["socks5:", "socks5"], ["http-proxy:", "http"]] as const) {
  Deno.test(`a client of ${kind} with --auth gets through with the login alone`, async () => {
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    await using server = proxy(kind, "--auth", "me:s:cret");
    const port = await portOf(server);
    const good = await through(`${scheme}://me:s%3Acret@127.0.0.1:${port}`, echo);
    assertEquals([good.status, good.out], [0, "hello"], good.stderr);
    for (const login of ["", "me:wrong@", "you:s%3Acret@"]) {
      const start = performance.now();
      const { status, out, stderr } = await through(`${scheme}://${login}127.0.0.1:${port}`, echo);
      assertEquals([status, out], [7, ""], stderr);
      assert(login === "" || performance.now() - start > 1000, "a wrong login is answered late");
    }
    await server.logs(/wrong user or password/);
    assert(!server.stderr.includes("cret"), server.stderr);
  });
}

Deno.test("a login comes from a file, and one that isn't right is status 2 and not shown", async () => {
  await using folder = await temporary();
  await Deno.writeTextFile(`${folder.path}/login`, "me:secret\n");
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  await using server = proxy("socks5:", "--auth", `@${folder.path}/login`);
  const { out } = await through(`socks5://me:secret@127.0.0.1:${await portOf(server)}`, echo);
  assertEquals(out, "hello");
  for (const text of ["hunter2", ":hunter2", `hunter2:${"x".repeat(256)}`]) {
    const { status, stderr } = await run(["relay", "0", "http-proxy:", "--auth", text]);
    assertEquals(status, 2);
    assertStringIncludes(stderr, "--auth: expected USER:PASSWORD");
    assert(!stderr.includes("hunter2"), stderr);
  }
});

Deno.test("a client of SOCKS4A gets through, names and all, unless a login is asked for", async () => {
  await using echo = Coax.start(["echo", "127.0.0.1:0"]);
  await using server = proxy("socks5:", "--allow-target", "localhost");
  const target = await portOf(echo);
  const url = `socks4a://127.0.0.1:${await portOf(server)}`;
  for (const host of ["127.0.0.1", "localhost"]) {
    const exit = await run(["client", `${host}:${target}`, "--via", url], { stdin: "hello" });
    assertEquals([exit.status, exit.out], [0, "hello"], exit.stderr);
  }
  await using strict = proxy("socks5:", "--auth", "a:b");
  const refused = await through(`socks4a://127.0.0.1:${await portOf(strict)}`, echo);
  assertEquals(refused.status, 7);
  assertMatch(refused.stderr, /rejected or failed \(SOCKS4A/);
  await strict.logs(/SOCKS4: it has no way to log in \(--auth\)/);
});

Deno.test("a target of SOCKS4 that isn't allowed is rejected, and nothing is sent to it", async () => {
  await using server = proxy("socks5:");
  using conn = await connectTo(await server.address());
  await send(conn, Uint8Array.of(4, 1, 0, 80, 192, 0, 2, 1, 0));
  assertEquals(await receive(conn), Uint8Array.of(0, 91, 0, 0, 0, 0, 0, 0));
});

Deno.test("407 says how to log in, and a login isn't passed on to the target", async () => {
  await using target = Coax.start(["server", "127.0.0.1:0", "--recv-only"]);
  await using server = proxy("http-proxy:", "--auth", "me:secret");
  const address = await server.address();
  const request = `GET http://127.0.0.1:${await portOf(target)}/ HTTP/1.1\r\nHost: x\r\n`;
  using first = await connectTo(address);
  await send(first, `${request}\r\n`);
  const answer = await receiveText(first);
  assertMatch(answer, /^HTTP\/1\.1 407 Proxy Authentication Required\r\n/);
  assertMatch(answer, /^Proxy-Authenticate: Basic realm="coax", charset="UTF-8"\r$/m);
  using second = await connectTo(address);
  const login = new TextEncoder().encode("me:secret").toBase64();
  await send(second, `${request}Proxy-Authorization: Basic ${login}\r\n\r\n`);
  await target.prints(/GET \/ HTTP\/1\.1\r\n[^]*\r\n\r\n/);
  assert(!/authorization/i.test(target.out), target.out);
});

for (const [kind, scheme] of [["socks5:", "socks5"], ["http-proxy:", "http"]] as const) {
  Deno.test(`a host's guesses at ${kind} are slow, however many connections it has, and a right login gets through`, async () => {
    await using echo = Coax.start(["echo", "127.0.0.1:0"]);
    await using server = proxy(kind, "--auth", "me:secret");
    const port = await portOf(server);
    const start = performance.now();
    const times = await Promise.all(Array.from({ length: 8 }, async () => {
      using conn = await connectTo(`tcp://127.0.0.1:${port}`);
      await send(conn, GUESSES[scheme]);
      await receive(conn);
      return performance.now() - start;
    }));
    // Four are judged at once, and answered a second later; the others are judged by then.
    assert(Math.min(...times) > 1000 && Math.max(...times) > 2000, `${times}`);
    const { status, out, stderr } = await through(`${scheme}://me:secret@127.0.0.1:${port}`, echo);
    assertEquals([status, out], [0, "hello"], stderr);
  });
}
