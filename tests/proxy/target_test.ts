import { assertEquals } from "@std/assert";
import { parseTarget } from "../../src/proxy/target.ts";

Deno.test("parseTarget() takes names, IPv4 and bracketed IPv6 with a port", () => {
  assertEquals(parseTarget("example.com:80"), { host: "example.com", port: 80 });
  assertEquals(parseTarget("1.2.3.4:1"), { host: "1.2.3.4", port: 1 });
  assertEquals(parseTarget("[::1]:65535"), { host: "::1", port: 65535 });
  assertEquals(parseTarget("example.com", 80), { host: "example.com", port: 80 });
  assertEquals(parseTarget("bücher.example:80"), { host: "xn--bcher-kva.example", port: 80 });
});

Deno.test("parseTarget() refuses anything but a host and port", () => {
  for (
    const text of [
      "",
      "host",
      "host:",
      ":80",
      "host:0",
      "host:65536",
      "[x]:1",
      "::1:2",
      "a b:1",
      "a..b:1",
      "a/b:1",
      "a%62:1",
      "xn--a:1",
    ]
  ) {
    assertEquals(parseTarget(text), null, text);
  }
});
