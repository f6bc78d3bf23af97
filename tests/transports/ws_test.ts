import {
  assert,
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import type { Channel, Duplex } from "../../src/core/duplex.ts";
import { RefusedError, TimeoutError, UnavailableError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { listen } from "../../src/transports/mod.ts";
import { decode, encode, readAll } from "../support/connections.ts";
import { recorder } from "../support/log.ts";
import { LISTENING } from "../support/options.ts";
import { randomBytes } from "../support/random.ts";
import { NoUpgradeError } from "../../src/ws/server.ts";
import { connect, service, socketPath } from "../support/transports.ts";
import { soon, until } from "../support/wait.ts";
import { askHttp, connectWs, streamOf, UPGRADE, wsEcho } from "../support/websocket.ts";

/** Sends a message, receives it back, and closes. */
async function exchange(channel: Channel, data = encode("hello")): Promise<void> {
  const sending = channel.send({ data, text: true });
  assertEquals(await soon(channel.receive(), "the echo"), { data, text: true });
  await sending;
  channel.close();
  await soon(channel.closed, "closed");
}

Deno.test("a WebSocket address shows both families, and its path only if one was written", async () => {
  await using bare = await wsEcho("ws://0");
  const port = Number(bare.addresses[0]!.split(":").at(-1));
  assertEquals(bare.addresses, [`ws://127.0.0.1:${port}`, `ws://[::1]:${port}`]);
  for (const address of [...bare.addresses, `ws://${port}`, `ws://localhost:${port}/any?x=y`]) {
    await exchange(await connectWs(address));
  }
  await using rooted = await wsEcho("ws://0/");
  assertMatch(rooted.addresses[0]!, /^ws:\/\/127\.0\.0\.1:\d+\/$/);
  await using deep = await wsEcho("ws://127.0.0.1:0/a/b?c");
  assertMatch(deep.addresses[0]!, /^ws:\/\/127\.0\.0\.1:\d+\/a\/b\?c$/);
  await exchange(await connectWs(deep.addresses[0]!));
  await using wide = await wsEcho("ws://:0/x");
  assertMatch(wide.addresses.join(" "), /^ws:\/\/0\.0\.0\.0:(\d+)\/x ws:\/\/\[::\]:\1\/x$/);
});

Deno.test("a path that was written is the only one served", async () => {
  await using echo = await wsEcho("ws://0/x");
  const base = echo.addresses[0]!.slice(0, -2);
  await exchange(await connectWs(`${base}/x`));
  await exchange(await connectWs(`${base}/x?query`));
  for (const path of ["", "/", "/y", "/x/"]) {
    const error = await assertRejects(() => connectWs(base + path), RefusedError, "404 Not Found");
    assertEquals(error.status, 7);
    assertStringIncludes(error.message, `${base}${path}`);
    assertStringIncludes(error.message, "nothing is served at this path");
  }
});

Deno.test("WebSocket over a Unix socket, with and without a path", async () => {
  await using first = await socketPath();
  await using bare = await wsEcho(`ws+unix:${first.path}`);
  assertEquals(bare.addresses, [`ws+unix:${first.path}`]);
  await exchange(await connectWs(`ws+unix:${first.path}`));
  await exchange(await connectWs(`ws+unix:${first.path}:/any`));

  await using second = await socketPath();
  await using echo = await wsEcho(`ws+unix:${second.path}:/x`);
  assertEquals(echo.addresses, [`ws+unix:${second.path}:/x`]);
  await exchange(await connectWs(echo.addresses[0]!));
  await assertRejects(() => connectWs(`ws+unix:${second.path}:/y`), RefusedError, "404");
});

Deno.test("8 MiB come back whole", async () => {
  await using echo = await wsEcho("ws://0");
  const channel = await connectWs(echo.addresses[0]!);
  const data = randomBytes(8 * 1024 * 1024);
  const sending = channel.send({ data });
  const { data: back } = (await soon(channel.receive(), "the echo"))!;
  await sending;
  assertEquals(back.length, data.length);
  assert(back.every((byte, at) => byte === data[at]));
  channel.close();
  await channel.closed;
});

Deno.test("on loopback, Host must be this machine; on every interface it may be any", async () => {
  const strange = UPGRADE.replace("localhost", "evil.example");
  await using local = await wsEcho("ws://0");
  for (const address of local.addresses) {
    assertMatch(await askHttp(address, strange), /^HTTP\/1\.1 403 /);
    assertMatch(await askHttp(address, UPGRADE), /^HTTP\/1\.1 101 /);
  }
  await using wide = await wsEcho("ws://:0");
  const port = wide.addresses[0]!.split(":").at(-1);
  assertMatch(await askHttp(`ws://127.0.0.1:${port}`, strange), /^HTTP\/1\.1 101 /);
  assertMatch(await askHttp(`ws://[::1]:${port}`, strange), /^HTTP\/1\.1 101 /);
  await using listed = await wsEcho("ws://0", { ws: { allowOrigin: ["evil.example"] } });
  assertMatch(await askHttp(listed.addresses[0]!, strange), /^HTTP\/1\.1 101 /);
});

Deno.test("Host is the address, without the scheme's own port", async () => {
  const seen: string[] = [];
  await using server = await service("127.0.0.1:0", async (connection: Duplex) => {
    const buffer = new Uint8Array(4096);
    const count = await connection.read(buffer);
    seen.push(/^Host: (.*)\r$/m.exec(decode(buffer.subarray(0, count!)))![1]!);
    connection.close();
  });
  const port = server.addresses[0]!.split(":").at(-1);
  for (const host of ["127.0.0.1", "localhost", "LocalHost"]) {
    await assertRejects(() => connectWs(`ws://${host}:${port}`));
  }
  await assertRejects(() => connectWs(`ws://${port}`));
  assertEquals(seen, [`127.0.0.1:${port}`, ...Array(3).fill(`localhost:${port}`)]);
});

Deno.test("500 clients that never finish their request delay nobody, and are closed in time", async () => {
  const { log, events } = recorder("error");
  await using echo = await wsEcho("ws://127.0.0.1:0", { handshakeTimeout: 5000, log });
  const slow: Duplex[] = [];
  for (let i = 0; i < 500; i++) {
    const connection = await connect(streamOf(echo.addresses[0]!));
    await connection.write(encode(UPGRADE.slice(0, i % UPGRADE.length)));
    slow.push(connection);
  }
  await exchange(await connectWs(echo.addresses[0]!));
  assert(events.length < 500, "a good client had to wait for the last of them");
  await soon(
    Promise.all(
      slow.map(async (connection) => assertEquals(await readAll(connection), encode(""))),
    ),
    "all to go",
  );
  for (const connection of slow) connection.close();
  await until(() => events.length === 500, "each to be logged");
  assertStringIncludes(events[0]!.text, "handshake");
  assertStringIncludes(events[0]!.text, "nothing whole for 5 s");
});

Deno.test("a client that sends its request byte by byte isn't given more time", async () => {
  const { log, events } = recorder("error");
  await using echo = await wsEcho("ws://127.0.0.1:0", { handshakeTimeout: 200, log });
  const connection = await connect(streamOf(echo.addresses[0]!));
  const dripping = (async () => {
    for (const byte of encode(UPGRADE)) {
      await connection.write(Uint8Array.of(byte));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })().catch(() => {});
  await soon(readAll(connection).catch(() => {}), "the end");
  connection.close();
  await dripping;
  assertEquals(events.length, 1);
});

Deno.test("when listening ends, handshakes under way are closed too", async () => {
  const listeners = await listen(parseAddress("ws://127.0.0.1:0"), LISTENING);
  const connection = await connect(streamOf(listeners[0]!.addresses[0]!));
  const incoming = (await listeners[0]!.accept())!;
  const stop = new AbortController();
  const opening = incoming.open(stop.signal, silent);
  stop.abort();
  await assertRejects(() => soon(opening, "the handshake"), NoUpgradeError);
  assertEquals(await soon(readAll(connection), "the end"), encode(""));
  connection.close();
  for (const listener of listeners) listener.close();
});

Deno.test("a server that never answers is a timeout of the handshake", async () => {
  await using silentServer = await service("127.0.0.1:0", (connection) => connection.closed);
  const address = silentServer.addresses[0]!.replace("tcp:", "ws:");
  const error = await assertRejects(
    () => connectWs(address, { connectTimeout: 100 }),
    TimeoutError,
    `handshake ${address}`,
  );
  assertEquals(error.status, 5);
});

Deno.test("a refused connection is reported with the address as written", async () => {
  const gone = await wsEcho("ws://127.0.0.1:0/x");
  await gone[Symbol.asyncDispose]();
  await assertRejects(() => connectWs(gone.addresses[0]!), UnavailableError, gone.addresses[0]!);
});

Deno.test("every step of a handshake is logged on both sides", async () => {
  const { log, events } = recorder("debug");
  await using echo = await wsEcho("ws://127.0.0.1:0/x", { log });
  await exchange(await connectWs(echo.addresses[0]!, { log }));
  await until(() => events.filter(({ event }) => event === "close-frame").length === 4, "Closes");
  const steps = events.filter(({ event }) => event === "handshake").map(({ text }) => text);
  assertMatch(steps[0]!, /^handshake: GET \/x from 127\.0\.0\.1:\d+$/);
  assertMatch(steps[1]!, /^handshake: GET \/x from 127\.0\.0\.1:\d+$/);
  assertMatch(steps[2]!, /^handshake: 101 Switching Protocols to 127.*, permessage-deflate/);
  assertEquals(steps[3], "handshake: HTTP/1.1 101 Switching Protocols");
});
