/** How connections of a recording end: with a Close of some code, or a reset, on either side. */
import { assertEquals, assertMatch } from "@std/assert";
import { authority } from "../support/certificates.ts";
import { fromOf, type Scheme, target, visit } from "../support/sides.ts";
import { Coax, run, temporary } from "./coax.ts";
import { soon } from "./peers.ts";

type End = { dir: "in" | "out"; code?: number; reset?: boolean };

/** A recording in which both sides greet, and one of them closes. */
function write(folder: string, end: End, transport?: "ws"): string {
  const event = transport ? "message" : "data";
  const lines = [
    { event: "open", transport },
    { event, dir: "in", text: "Hello" },
    { event, dir: "out", text: "Hello" },
    { event: "close", ...end },
  ];
  const path = `${folder}/${end.dir}.jsonl`;
  const text = lines.map((line, i) => `${JSON.stringify({ t: i / 100, id: 1, ...line })}\n`);
  Deno.writeTextFileSync(path, text.join(""));
  return path;
}

const FAST = ["--speed", "max"];
const CHECKED = [...FAST, "--check"];

for (const dir of ["in", "out"] as const) {
  for (const end of [{ code: 4002 }, { code: 1000 }, { reset: true }]) {
    const name = end.reset ? "a reset" : `Close ${end.code}`;
    Deno.test(`both sides of a recording that ends with ${name} by ${dir} replay each other`, async () => {
      await using folder = await temporary();
      const file = write(folder.path, { dir, ...end }, end.code ? "ws" : undefined);
      const place = end.code ? "ws://127.0.0.1:0" : "127.0.0.1:0";
      await using server = Coax.start(["replay", file, "--serve", place, ...CHECKED]);
      const client = await run(["replay", file, await server.address(), ...CHECKED]);
      assertEquals(client.status, 0, client.stderr);
      const exit = await server.exit();
      assertEquals(exit.status, 0, exit.stderr);
    });
  }
}

for (const dir of ["in", "out"] as const) {
  Deno.test(`both sides of a reset behind a half-close by ${dir} replay each other`, async () => {
    await using folder = await temporary();
    const file = `${folder.path}/left.jsonl`;
    const other = dir === "in" ? "out" : "in";
    const events = [
      { event: "open" },
      { event: "data", dir: "in", text: "ask" },
      { event: "half-close", dir },
      { event: "data", dir: other, text: "unread" },
      { event: "error", text: "receive from 127.0.0.1:5: reset by peer", status: 1 },
      { event: "close", dir, reset: true },
    ];
    const lines = events.map((event, i) => JSON.stringify({ t: i / 100, id: 1, ...event }) + "\n");
    await Deno.writeTextFile(file, lines.join(""));
    await using server = Coax.start(["replay", file, "--serve", "127.0.0.1:0", ...CHECKED]);
    const client = await run(["replay", file, await server.address(), ...CHECKED]);
    assertEquals(client.status, 0, client.stderr);
    const exit = await server.exit();
    assertEquals(exit.status, 0, exit.stderr);
  });
}

/** A WebSocket server that answers, and closes with a code after some milliseconds, or never. */
function closingServer(code: number, ms: number | "never") {
  const listen = { hostname: "127.0.0.1", port: 0, onListen() {} };
  const closed = Promise.withResolvers<number>();
  const server = Deno.serve(listen, (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request);
    socket.onmessage = ({ data }) => {
      socket.send(data);
      if (ms !== "never") setTimeout(() => socket.close(code), ms);
    };
    socket.onclose = ({ code }) => closed.resolve(code);
    return response;
  });
  const { port } = server.addr;
  return {
    address: `ws://127.0.0.1:${port}`,
    closed: closed.promise,
    stop: () => server.shutdown(),
  };
}

Deno.test("a replayed client waits for the Close that was recorded, and takes no other for it", async () => {
  await using folder = await temporary();
  const file = write(folder.path, { dir: "out", code: 4002 }, "ws");
  const cases = [
    [4002, 0, CHECKED, 0],
    [4002, 200, CHECKED, 0],
    [4002, 200, FAST, 0],
    [1000, 0, FAST, 0],
    [1000, 0, CHECKED, 9],
    [4003, 0, CHECKED, 9],
    [4003, 0, FAST, 8],
  ] as const;
  for (const [code, ms, options, status] of cases) {
    const server = closingServer(code, ms);
    const exit = await run(["replay", file, server.address, ...options]);
    assertEquals(
      [exit.status, await soon(server.closed, "its Close")],
      [status, code],
      exit.stderr,
    );
    const difference = `it was closed with ${code}, and closed with 4002 in the recording`;
    if (status === 9) assertMatch(exit.stderr, new RegExp(`connection 1: ${difference}\n$`));
    await server.stop();
  }
});

Deno.test("a replayed client doesn't wait for ever for a Close that was recorded", async () => {
  await using folder = await temporary();
  const file = write(folder.path, { dir: "out", code: 4002 }, "ws");
  const server = closingServer(4002, "never");
  const words = ["replay", file, server.address, ...FAST, "--idle-timeout", "100ms"];
  const { status, stderr } = await run(words);
  assertEquals(status, 5, stderr);
  assertMatch(stderr, /silent for 0\.1 s/);
  await server.stop();
});

Deno.test("a replayed client closes where nobody else does, unless that is compared", async () => {
  await using folder = await temporary();
  const file = write(folder.path, { dir: "out", code: 1000 }, "ws");
  for (const [options, status] of [[FAST, 0], [[...CHECKED, "--idle-timeout", "2s"], 5]] as const) {
    const server = closingServer(1000, "never");
    const exit = await run(["replay", file, server.address, ...options]);
    assertEquals(exit.status, status, exit.stderr);
    await server.stop();
  }
});

Deno.test("a replayed server waits for the Close of the client that was recorded", async () => {
  await using folder = await temporary();
  const file = write(folder.path, { dir: "in", code: 4001 }, "ws");
  for (const [code, status] of [[4001, 0], [4005, 9]] as const) {
    const place = "ws://127.0.0.1:0";
    await using server = Coax.start(["replay", file, "--serve", place, ...CHECKED]);
    const socket = new WebSocket(await server.address());
    const closed = Promise.withResolvers<number>();
    socket.onopen = () => socket.send("Hello");
    socket.onmessage = () => setTimeout(() => socket.close(code, "why"), 100);
    socket.onclose = ({ code }) => closed.resolve(code);
    assertEquals(await soon(closed.promise, "its answer"), code);
    const exit = await server.exit();
    assertEquals(exit.status, status, exit.stderr);
  }
});

const issuer = await authority();
const identity = await issuer.issue();

async function workshop(stack: AsyncDisposableStack) {
  const { path } = stack.use(await temporary());
  for (const [name, pem] of Object.entries({ ...identity, ca: issuer.pem })) {
    await Deno.writeTextFile(`${path}/${name}`, pem);
  }
  return path;
}

/** What a peer sees of a recorded reset. */
const SEEN: Partial<Record<Scheme, string>> = { tcp: "reset", tls: "reset", unix: "end" };
const PLAIN = /received 5 bytes; no reset can be sent there, the peer saw a plain end\n/;

for (const scheme of ["tcp", "tls", "unix"] as const) {
  Deno.test(`a server's reset is replayed as one over ${scheme}, or said to be none`, async () => {
    await using stack = new AsyncDisposableStack();
    const path = await workshop(stack);
    const file = write(path, { dir: "out", reset: true });
    const own = scheme === "tls" ? ["--cert", `${path}/cert`, "--key", `${path}/key`] : [];
    const server = stack.use(
      Coax.start(["replay", file, "--serve", fromOf(scheme, path), ...own, ...CHECKED]),
    );
    const side = stack.use(await visit(await server.address(), issuer.pem));
    await side.greet();
    await side.awaitGreeting();
    assertEquals(await soon(side.fate(), "its end"), SEEN[scheme]);
    const { status, stderr } = await server.exit();
    assertEquals([status, PLAIN.test(stderr)], [0, SEEN[scheme] === "end"], stderr);
  });

  Deno.test(`a client's reset is replayed as one over ${scheme}, or said to be none`, async () => {
    await using stack = new AsyncDisposableStack();
    const path = await workshop(stack);
    const file = write(path, { dir: "in", reset: true });
    const targets = stack.use(await target(scheme, path, identity));
    const theirs = scheme === "tls" ? ["--ca", `${path}/ca`] : [];
    const client = stack.use(
      Coax.start(["replay", file, targets.addresses[0]!, ...theirs, ...CHECKED]),
    );
    const side = stack.use(await targets.next());
    await side.awaitGreeting();
    await side.greet();
    assertEquals(await soon(side.fate(), "its end"), SEEN[scheme]);
    const { status, stderr } = await client.exit();
    assertEquals([status, PLAIN.test(stderr)], [0, SEEN[scheme] === "end"], stderr);
  });
}

Deno.test("a peer that ends where the recorded one was reset is a difference", async () => {
  for (const [options, status] of [[CHECKED, 9], [FAST, 0]] as const) {
    await using stack = new AsyncDisposableStack();
    const path = await workshop(stack);
    const file = write(path, { dir: "out", reset: true });
    const targets = stack.use(await target("tcp", path, identity));
    const client = stack.use(Coax.start(["replay", file, targets.addresses[0]!, ...options]));
    {
      using side = await targets.next();
      await side.awaitGreeting();
      await side.greet();
    }
    const exit = await client.exit();
    assertEquals(exit.status, status, exit.stderr);
    const difference = /connection 1: it was closed, and reset in the recording\n$/;
    assertEquals(difference.test(exit.stderr), status === 9, exit.stderr);
  }
});
