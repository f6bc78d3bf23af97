/** Proxies between every kind of address, and options that hold for all of a control's proxies. */
import { assertEquals, assertMatch } from "@std/assert";
import { Coax, run, temporary } from "./coax.ts";
import { ControlProcess, type ShownProxy } from "./control.ts";
import { unusedPort } from "./peers.ts";

/** Sends a line through a proxy to an echo; returns the exit of `coax client`. */
function talk(address: string, ...more: string[]) {
  const words = ["--send", "hello\\n", "--expect", "hello", "--within", "30s", ...more];
  return run(["client", address, ...words]);
}

async function assertEchoes(address: string, ...more: string[]): Promise<void> {
  const { status, stderr } = await talk(address, ...more);
  assertEquals(status, 0, `${address}: ${stderr}`);
}

const PORT = /^\[?127\.0\.0\.1\]?:\d+$/;

/** What a proxy is asked to listen on and lead to, and how its `listen` is shown. */
const KINDS: readonly [name: string, listen: string, upstream: string, shown: RegExp][] = [
  ["TCP", "127.0.0.1:0", "127.0.0.1:0", PORT],
  ["UDP", "udp://127.0.0.1:0", "udp://127.0.0.1:0", /^udp:\/\/127\.0\.0\.1:\d+$/],
  ["TLS on both sides", "tls://127.0.0.1:0", "tls://127.0.0.1:0", /^tls:\/\/127\.0\.0\.1:\d+$/],
  ["WebSocket", "ws://127.0.0.1:0/x", "ws://127.0.0.1:0/y", /^ws:\/\/127\.0\.0\.1:\d+\/x$/],
  ["TCP to UDP", "127.0.0.1:0", "udp://127.0.0.1:0", PORT],
  ["WebSocket to TCP", "ws://127.0.0.1:0", "127.0.0.1:0", /^ws:\/\/127\.0\.0\.1:\d+$/],
  ["WebSocket over TLS", "wss://127.0.0.1:0", "wss://127.0.0.1:0", /^wss:\/\/127\.0\.0\.1:\d+$/],
];

for (const [name, listen, upstream, shown] of KINDS) {
  Deno.test(`a proxy carries ${name}, and can be disabled and enabled`, async () => {
    await using stack = new AsyncDisposableStack();
    const echo = stack.use(Coax.start(["echo", upstream, ...tlsFor(upstream)]));
    const control = stack.use(
      await ControlProcess.start("--insecure", ...tlsFor(listen)),
    );
    const proxy = await control.proxy("p", await echo.address(), { listen });
    assertMatch(proxy.listen, shown);
    const client = /^(tls|wss):/.test(listen) ? ["--insecure"] : [];
    await assertEchoes(proxy.listen, ...client);
    await control.json(200, "POST", "/proxies/p", { enabled: false });
    const up = await control.json<ShownProxy>(200, "POST", "/proxies/p", { enabled: true });
    assertEquals(up.listen, proxy.listen);
    await assertEchoes(proxy.listen, ...client);
  });
}

function tlsFor(address: string): string[] {
  return /^(tls|wss):/.test(address) ? ["--self-signed"] : [];
}

Deno.test("a proxy listens on a Unix socket, whose file comes and goes with it", async () => {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(await temporary());
  const echo = stack.use(Coax.start(["echo", `unix:${folder.path}/echo`]));
  const control = stack.use(await ControlProcess.start());
  const listen = `unix:${folder.path}/proxy`;
  const files = () => [...Deno.readDirSync(folder.path)].map(({ name }) => name).sort();
  const proxy = await control.proxy("p", await echo.address(), { listen });
  assertEquals([proxy.listen, files()], [listen, ["echo", "proxy"]]);
  await assertEchoes(listen);
  await control.json(200, "POST", "/proxies/p", { enabled: false });
  assertEquals(files(), ["echo"]);
  await control.json(200, "POST", "/proxies/p", { enabled: true });
  await assertEchoes(listen);
  await control.ask("DELETE", "/proxies/p");
  assertEquals(files(), ["echo"]);
});

Deno.test("a proxy leads to a command, a child for each connection", async () => {
  await using control = await ControlProcess.start();
  const { listen } = await control.proxy("p", "exec:cat -n");
  for (let i = 0; i < 2; i++) {
    const { status, out, stderr } = await talk(listen);
    assertEquals([status, out.trim()], [0, "1\thello"], stderr);
  }
});

Deno.test("a proxy is a SOCKS server with the upstream socks5:", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start("--allow-target", "127.0.0.1"));
  const { listen, upstream } = await control.proxy("p", "socks5:");
  assertEquals(upstream, "socks5:");
  await assertEchoes(await echo.address(), "--via", `socks5://${listen}`);
});

Deno.test("--via holds for every proxy, and one that would pass it by is refused", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const socks = stack.use(
    Coax.start(["relay", "-v", "127.0.0.1:0", "socks5:", "--allow-target", "127.0.0.1"]),
  );
  const via = (await socks.address()).replace("tcp:", "socks5:");
  const control = stack.use(await ControlProcess.start("--via", via));
  const { listen } = await control.proxy("p", await echo.address());
  await assertEchoes(listen);
  await socks.logs(/accept/);
  const refused = { name: "u", listen: "127.0.0.1:0", upstream: "udp://127.0.0.1:9" };
  const answer = await control.ask("POST", "/proxies", refused);
  assertEquals(answer.status, 400);
  assertMatch(answer.text, /"--via: udp:\/\/127\.0\.0\.1:9 is UDP; every address must be/);
  const moved = await control.ask("PATCH", "/proxies/p", { upstream: "unix:/x" });
  assertEquals(moved.status, 400);
  await assertEchoes(listen);
});

Deno.test("one self-signed certificate serves all proxies, also after they were disabled", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const control = stack.use(await ControlProcess.start("--self-signed"));
  const [, pin] = await control.coax.logs(/^pin (sha256:\w+)$/m);
  const listen = "tls://127.0.0.1:0";
  const one = await control.proxy("one", await echo.address(), { listen });
  const two = await control.proxy("two", await echo.address(), { listen });
  await assertEchoes(one.listen, "--pin", pin!);
  await assertEchoes(two.listen, "--pin", pin!);
  await control.json(200, "POST", "/proxies/one", { enabled: false });
  await control.json(200, "POST", "/proxies/one", { enabled: true });
  await assertEchoes(one.listen, "--pin", pin!);
  assertEquals(control.coax.stderr.match(/^pin /gm)?.length, 1);
});

Deno.test("-m, --allow and --idle-timeout hold for each proxy", async () => {
  await using stack = new AsyncDisposableStack();
  const echo = stack.use(Coax.start(["echo", "127.0.0.1:0"]));
  const upstream = await echo.address();
  const control = stack.use(await ControlProcess.start("-m", "1", "--deny", "::1"));
  const { listen } = await control.proxy("p", upstream);
  const other = await control.proxy("six", upstream, { listen: "[::1]:0" });
  const first = stack.use(
    Coax.start(["client", listen, "--send", "x"], { stdin: { kind: "pipe" } }),
  );
  await first.prints(/x/);
  const second = await talk(listen);
  assertEquals(second.status === 0, false);
  await control.coax.logs(/--max-connections 1 is reached/);
  assertEquals((await talk(other.listen)).status === 0, false);
  await control.coax.logs(/^refused \[::1\]:\d+: /m);
});

/** What a proxy is asked for instead, the status, and the message. */
const REFUSED: readonly [string, Record<string, string>, number, RegExp][] = [
  ["stdin", { upstream: "-" }, 400, /upstream \\"-\\": stdin and stdout belong to the command/],
  ["port 0", { upstream: "h:0" }, 400, /port 0 can only be listened on/],
  ["an unknown scheme", { upstream: "ftp://h" }, 400, /unknown scheme \\"ftp\\"/],
  ["a command to listen on", { listen: "exec:cat" }, 500, /listen exec:cat: can't be listened on/],
  ["TLS without a certificate", { listen: "tls://127.0.0.1:0" }, 500, /needs --cert FILE/],
  ["a name without an address", { listen: "no.invalid:1" }, 500, /no address is known/],
  ["a folder that isn't there", { listen: "unix:/nowhere/s" }, 500, /no such file or directory/],
];

for (const [what, proxy, status, error] of REFUSED) {
  Deno.test(`a proxy with ${what} is refused, and nothing is made`, async () => {
    await using control = await ControlProcess.start();
    const given = { name: "p", listen: "127.0.0.1:0", upstream: "127.0.0.1:9", ...proxy };
    const answer = await control.ask("POST", "/proxies", given);
    assertEquals(answer.status, status, answer.text);
    assertMatch(answer.text, error);
    assertEquals(await control.json(200, "GET", "/proxies"), {});
  });
}

Deno.test("a proxy that leads back to itself is refused", async () => {
  await using control = await ControlProcess.start();
  const port = unusedPort();
  const loop = { name: "p", listen: `127.0.0.1:${port}`, upstream: `localhost:${port}` };
  const answer = await control.ask("POST", "/proxies", loop);
  assertEquals(answer.status, 500);
  assertMatch(answer.text, /leads back to this relay itself/);
  await control.proxy("p", "127.0.0.1:9", { listen: loop.listen });
});
