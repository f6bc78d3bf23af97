import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { takeExactly } from "../../src/core/take.ts";
import { socks4aConnect } from "../../src/proxy/socks4.ts";
import { socks4Accept, socks4Reply } from "../../src/proxy/socks4_server.ts";
import { memoryPair } from "../support/memory.ts";

const bytes = (hex: string) =>
  Uint8Array.from(hex.match(/[0-9a-f]{2}/g) ?? [], (b) => parseInt(b, 16));

Deno.test("a SOCKS4A client and server agree on addresses and names", async () => {
  for (const host of ["example.com", "1.2.3.4"]) {
    const [client, server] = memoryPair();
    const target = { host, port: 8080 };
    const asked = socks4aConnect(client, target);
    assertEquals(await socks4Accept(server), target);
    await socks4Reply(server, true);
    await server.write(bytes("aabb"));
    await asked;
    assertEquals(await takeExactly(client, 2), bytes("aabb"), "what follows is left alone");
  }
});

Deno.test("what a SOCKS4 client can't have is rejected, with status 91", async () => {
  const requests = [
    "04 02 0050 01020304 00", // BIND
    "04 01 0000 01020304 00", // port 0
    "04 01 0050 00000001 00 00", // no name
    "04 01 0050 00000001 00 610d0a 00",
    `04 01 0050 01020304 ${"61".repeat(300)}`,
  ];
  for (const request of requests) {
    const [client, server] = memoryPair();
    await client.write(bytes(request));
    await assertRejects(() => socks4Accept(server), BrokenError, "SOCKS4");
    assertEquals(await takeExactly(client, 8), bytes("00 5b 000000000000"), request);
  }
});

Deno.test("a SOCKS4 client that ends in the middle is an error", async () => {
  const [client, server] = memoryPair();
  await client.write(bytes("04 01 00"));
  await client.closeWrite();
  await assertRejects(() => socks4Accept(server), BrokenError, "unexpected end");
});
