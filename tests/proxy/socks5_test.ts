import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError, RefusedError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { takeExactly } from "../../src/core/take.ts";
import { REPLY, socks5Accept, socks5Connect, socks5Reply } from "../../src/proxy/socks5.ts";

const bytes = (hex: string) =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (b) => parseInt(b, 16));

Deno.test("a SOCKS5 client and server agree on every kind of target", async () => {
  for (const host of ["example.com", "1.2.3.4", "2001:db8::1"]) {
    const [client, server] = memoryPair();
    const target = { host, port: 8080 };
    const asked = socks5Connect(client, target);
    assertEquals(await socks5Accept(server), { command: "connect", address: target });
    await socks5Reply(server, REPLY.succeeded);
    await server.write(bytes("aabb"));
    await asked;
    assertEquals(await takeExactly(client, 2), bytes("aabb"), "what follows is left alone");
  }
});

Deno.test("socks5Connect() logs in when the proxy asks for it (RFC 1929)", async () => {
  const [client, proxy] = memoryPair();
  const asked = socks5Connect(client, { host: "h", port: 1 }, { user: "me", password: "pä" });
  assertEquals(await takeExactly(proxy, 4), bytes("05 02 00 02"));
  await proxy.write(bytes("05 02"));
  assertEquals(await takeExactly(proxy, 8), bytes("01 02 6d65 03 70c3a4"));
  await proxy.write(bytes("01 00"));
  assertEquals(await takeExactly(proxy, 8), bytes("05 01 00 03 01 68 00 01"));
  await proxy.write(bytes("05 00 00 03 01 78 00 00"));
  await asked;
});

Deno.test("socks5Connect() reports why a proxy refused", async () => {
  const cases: [string, string][] = [
    ["05 ff", "asks for a user"],
    ["04 00", "doesn't speak SOCKS5"],
    ["05 00 05 05 00 01 00000000 0000", "connection refused"],
    ["05 00 05 02 00 01 00000000 0000", "not allowed"],
    ["05 00 05 63 00 01 00000000 0000", "reply 99"],
  ];
  for (const [answer, reason] of cases) {
    const [client, proxy] = memoryPair();
    await proxy.write(bytes(answer));
    await assertRejects(() => socks5Connect(client, { host: "h", port: 1 }), RefusedError, reason);
  }
});

Deno.test("socks5Accept() answers an unsupported request, and rejects", async () => {
  const cases: [request: string, answer: string][] = [
    ["05 01 02", "05 ff"],
    ["05 01 00 05 02 00 01 01020304 0050", "05 00 05 07"],
    ["05 01 00 05 01 00 09", "05 00 05 08"],
    ["05 01 00 05 01 00 01 01020304 0000", "05 00 05 08"],
    ["04 01", ""],
    ["05 01 00 05 01 00 03 03 610062 0050", "05 00 05 08"],
    ["05 01 00 05 01 00 03 03 610d0a 0050", "05 00 05 08"],
    ["05 01 00 05 01 00 03 00 0050", "05 00 05 08"],
    ["05 01 00 04 01 00 01 01020304 0050", "05 00 05 01"],
    ["05 01 00 05 01 01 01 01020304 0050", "05 00 05 01"],
  ];
  for (const [request, answer] of cases) {
    const [client, server] = memoryPair();
    await client.write(bytes(request));
    await assertRejects(() => socks5Accept(server), BrokenError, "SOCKS5");
    assertEquals(await takeExactly(client, bytes(answer).length), bytes(answer));
  }
});

Deno.test("socks5Accept() rejects a client that closes in the middle", async () => {
  const [client, server] = memoryPair();
  await client.write(bytes("05 01 00 05"));
  await client.closeWrite();
  await assertRejects(() => socks5Accept(server), BrokenError, "unexpected end");
});
