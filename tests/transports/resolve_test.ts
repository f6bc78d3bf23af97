import { assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { ANY } from "../../src/address/address.ts";
import { ResolveError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { resolve } from "../../src/transports/resolve.ts";

const look = (host: string, family?: 4 | 6) => resolve(host, `${host}:1`, { family, log: silent });

Deno.test("loopback and every interface are both families of this machine", async () => {
  for (const host of ["localhost", ANY]) assertEquals(await look(host), ["127.0.0.1", "::1"]);
});

Deno.test("an address is itself", async () => {
  for (const host of ["1.2.3.4", "2001:db8::1"]) assertEquals(await look(host), [host]);
});

Deno.test("only the family that was asked for", async () => {
  assertEquals(await look("localhost", 4), ["127.0.0.1"]);
  assertEquals(await look("localhost", 6), ["::1"]);
  for (const [host, family] of [["1.2.3.4", 6], ["::1", 4]] as const) {
    const { message, status } = await assertRejects(() => look(host, family), ResolveError);
    assertEquals([message, status], [`resolve ${host}:1: ${host} has no IPv${family} address`, 3]);
  }
});

Deno.test("a name without an address is a resolve error that names it", async () => {
  const { message } = await assertRejects(() => look("nowhere.invalid"), ResolveError);
  assertStringIncludes(message, "nowhere.invalid:1");
});
