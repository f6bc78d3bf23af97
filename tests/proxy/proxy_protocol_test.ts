import { assertEquals, assertRejects } from "@std/assert";
import { BrokenError } from "../../src/core/errors.ts";
import { memoryPair } from "../support/memory.ts";
import { takeExactly } from "../../src/core/take.ts";
import { proxyHeader, takeProxyHeader } from "../../src/proxy/proxy_protocol.ts";

const FOUR = { source: "1.2.3.4:5000", destination: "10.0.0.1:80" };
const SIX = { source: "[2001:db8::1]:5000", destination: "[::1]:80" };

Deno.test("proxyHeader() writes version 1 as people can read it", () => {
  const text = (original: typeof FOUR) => new TextDecoder().decode(proxyHeader("v1", original));
  assertEquals(text(FOUR), "PROXY TCP4 1.2.3.4 10.0.0.1 5000 80\r\n");
  assertEquals(text(SIX), "PROXY TCP6 2001:db8::1 ::1 5000 80\r\n");
  assertEquals(text({ ...SIX, source: "[fe80::1%eth0]:5000" }).split(" ")[2], "fe80::1");
  assertEquals(text({ source: "unix:/x#1", destination: "unix:/x" }), "PROXY UNKNOWN\r\n");
  assertEquals(text({ ...FOUR, destination: SIX.destination }), "PROXY UNKNOWN\r\n");
});

Deno.test("takeProxyHeader() reads both versions back and leaves what follows", async () => {
  for (const version of ["v1", "v2"] as const) {
    for (const original of [FOUR, SIX]) {
      const [client, server] = memoryPair();
      await client.write(proxyHeader(version, original));
      await client.write(Uint8Array.of(7, 8));
      assertEquals(await takeProxyHeader(server), original);
      assertEquals(await takeExactly(server, 2), Uint8Array.of(7, 8));
    }
  }
});

Deno.test("takeProxyHeader() skips extensions of version 2", async () => {
  const [client, server] = memoryPair();
  const header = proxyHeader("v2", FOUR);
  header[15] = 12 + 3;
  await client.write(header);
  await client.write(Uint8Array.of(4, 0, 0, 9));
  assertEquals(await takeProxyHeader(server), FOUR);
  assertEquals(await takeExactly(server, 1), Uint8Array.of(9));
});

Deno.test("takeProxyHeader() yields null where no addresses are given", async () => {
  const unix = { source: "unix:/x#1", destination: "unix:/x" };
  for (const version of ["v1", "v2"] as const) {
    const [client, server] = memoryPair();
    await client.write(proxyHeader(version, unix));
    assertEquals(await takeProxyHeader(server), null);
  }
});

Deno.test("takeProxyHeader() reports that no header came before EOF", async () => {
  for (const start of ["hello", "PROXY TCP4 1.2.3.4", "\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c12"]) {
    const [client, server] = memoryPair();
    await client.write(new TextEncoder().encode(start));
    await client.closeWrite();
    const { message } = await assertRejects(() => takeProxyHeader(server), BrokenError);
    assertEquals(message, "proxy-protocol memory:a: no whole PROXY header came: unexpected end");
  }
});

Deno.test("takeProxyHeader() rejects anything else", async () => {
  const text = [
    "GET / HTTP/1.1\r\n\r\n",
    "PROXY TCP4 1.2.3.4 10.0.0.1 5000\r\n",
    "PROXY TCP4 1.2.3.4 ::1 5000 80\r\n",
    "PROXY TCP4 1.2.3.4 10.0.0.1 5000 70000\r\n",
    "PROXY TCP4 1.2.3.4 10.0.0.1 05000 80\r\n",
    "PROXY TCP4 1.2.3.4 10.0.0.1 5000 00080\r\n",
    "PROXY TCP6 fe80::1%eth0 ::1 5000 80\r\n",
    "PROXY TCP4 " + "1".repeat(200) + "\r\n",
  ];
  const short = proxyHeader("v2", FOUR);
  short[15] = 4;
  const families = [0x01, 0x10, 0x13, 0x23, 0x30, 0x41, 0xff].map((family) => {
    const header = proxyHeader("v2", FOUR);
    header[13] = family;
    return header;
  });
  const lines = text.map((line) => new TextEncoder().encode(line));
  for (const bytes of [...lines, short, ...families]) {
    const [client, server] = memoryPair();
    await client.write(bytes);
    await client.closeWrite();
    await assertRejects(() => takeProxyHeader(server), BrokenError, "no valid PROXY header");
  }
});
