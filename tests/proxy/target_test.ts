import { assertEquals } from "@std/assert";
import { addressBytes, addressText, formatTarget, parseTarget } from "../../src/proxy/target.ts";

Deno.test("parseTarget() takes names, IPv4 and bracketed IPv6 with a port", () => {
  assertEquals(parseTarget("example.com:80"), { host: "example.com", port: 80 });
  assertEquals(parseTarget("1.2.3.4:1"), { host: "1.2.3.4", port: 1 });
  assertEquals(parseTarget("[::1]:65535"), { host: "::1", port: 65535 });
  assertEquals(parseTarget("example.com", 80), { host: "example.com", port: 80 });
  assertEquals(parseTarget("bücher.example:80"), { host: "xn--bcher-kva.example", port: 80 });
});

Deno.test("parseTarget() refuses what is no host and port", () => {
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

Deno.test("addresses keep their value as bytes and back", () => {
  const cases: [string, number][] = [["127.0.0.1", 4], ["::", 16], ["::1", 16], ["fe80::1:2", 16], [
    "2001:db8:1:2:3:4:5:6",
    16,
  ]];
  for (const [text, length] of cases) {
    const bytes = addressBytes(text)!;
    assertEquals(bytes.length, length);
    assertEquals(addressText(bytes), text);
  }
  assertEquals(addressBytes("::ffff:1.2.3.4")!.slice(10), Uint8Array.of(255, 255, 1, 2, 3, 4));
  assertEquals(addressBytes("example.com"), null);
});

Deno.test("formatTarget() puts brackets around IPv6", () => {
  assertEquals(formatTarget({ host: "::1", port: 80 }), "[::1]:80");
  assertEquals(formatTarget({ host: "a", port: 80 }), "a:80");
});
