import { assertEquals, assertRejects } from "@std/assert";
import { RefusedError } from "../../src/core/errors.ts";
import { takeExactly } from "../../src/core/take.ts";
import { socks4aConnect } from "../../src/proxy/socks4.ts";
import { memoryPair } from "../support/memory.ts";

const bytes = (hex: string) => Uint8Array.fromHex(hex.replaceAll(" ", ""));

const REQUESTS: [host: string, user: string | undefined, request: string][] = [
  ["example.com", undefined, "0401 1f90 00000001 00 6578616d706c652e636f6d 00"],
  ["h", "me", "0401 1f90 00000001 6d65 00 68 00"],
  ["h", "pä", "0401 1f90 00000001 70c3a4 00 68 00"],
  ["1.2.3.4", "me", "0401 1f90 01020304 6d65 00"],
];

for (const [host, user, request] of REQUESTS) {
  Deno.test(`socks4aConnect() asks for ${host} as ${user ?? "nobody"}, and takes eight bytes`, async () => {
    const [client, proxy] = memoryPair();
    const credentials = user === undefined ? undefined : { user, password: "" };
    const asked = socks4aConnect(client, { host, port: 8080 }, credentials);
    assertEquals(await takeExactly(proxy, bytes(request).length), bytes(request));
    await proxy.write(bytes("00 5a 0000 00000000 aabb"));
    await asked;
    assertEquals(await takeExactly(client, 2), bytes("aabb"), "what follows is left alone");
  });
}

for (
  const [host, answer, reason] of [
    ["h", "00 5b", "rejected or failed (SOCKS4A, for h:1)"],
    ["h", "00 5c", "identd"],
    ["h", "00 5d", "another user"],
    ["h", "00 00", "reply 0"],
    ["h", "00 5e", "reply 94"],
    ["h", "04 5a", "version 4"],
    ["h", "05 00", "version 5"],
    ["h", "00 5a 0000", "unexpected end"],
    ["::1", "", "no IPv6"],
  ] as const
) {
  Deno.test(`socks4aConnect() for ${host} reports the answer ${answer || "none"}`, async () => {
    const [client, proxy] = memoryPair();
    await proxy.write(bytes(answer));
    await proxy.closeWrite();
    const connecting = () => socks4aConnect(client, { host, port: 1 });
    const error = await assertRejects(connecting, Error, reason);
    if (reason !== "unexpected end") assertEquals(error instanceof RefusedError, true);
  });
}
