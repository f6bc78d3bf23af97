import { assertEquals } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { servicePort, wellKnownServices } from "../../src/platform/services.ts";
import { pretend } from "../support/system.ts";

/** The port of an address. */
function portOf(text: string): number | undefined {
  const address = parseAddress(text);
  return "port" in address ? address.port : undefined;
}

Deno.test("an address takes the name of a service for its port, in any case", () => {
  for (
    const [text, port] of [
      ["localhost:ssh", 22],
      ["localhost:HTTP", 80],
      [":https", 443],
      ["[::1]:smtp", 25],
      ["tls://example.org:imaps", 993],
      ["udp://example.org:domain", 53],
      ["ws://localhost:http-alt/x", 8080],
    ] as const
  ) assertEquals(portOf(text), port, text);
});

Deno.test("the system's list comes first, and tells protocols apart", async () => {
  const path = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(
      path,
      "# name port\nhttp 8080/tcp www Alias # a comment\ngame\t4000/udp\ngame 4001/tcp\nhttp 1/tcp\nbad x\n",
    );
    assertEquals(servicePort("http", "tcp", path), 8080);
    assertEquals(servicePort("alias", "tcp", path), 8080);
    assertEquals([servicePort("game", "udp", path), servicePort("game", "tcp", path)], [
      4000,
      4001,
    ]);
    assertEquals(servicePort("bad", "tcp", path), undefined);
    assertEquals(servicePort("ssh", "tcp", path), 22);
  } finally {
    await Deno.remove(path);
  }
});

Deno.test("where the system has no list, the well-known names are known", () => {
  using _ = pretend("windows");
  assertEquals(portOf("localhost:ssh"), 22);
  for (const name of wellKnownServices) assertEquals(typeof servicePort(name, "tcp"), "number");
  assertEquals(servicePort("nosuch", "tcp"), undefined);
});
