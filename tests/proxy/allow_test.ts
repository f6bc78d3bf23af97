import { assertEquals, assertThrows } from "@std/assert";
import { allowTargets } from "../../src/proxy/allow.ts";

Deno.test("without a list everything but this machine and its link is allowed", () => {
  const allow = allowTargets([]);
  for (const ip of ["1.2.3.4", "10.0.0.1", "2001:db8::1", "fd00::1"]) {
    assertEquals(allow("name", ip, 80), true, ip);
  }
  for (
    const ip of [
      "127.0.0.1",
      "127.9.9.9",
      "::1",
      "::ffff:127.0.0.1",
      "169.254.1.1",
      "fe80::1",
      "0.0.0.0",
      "::",
    ]
  ) {
    assertEquals(allow("name", ip, 80), false, ip);
  }
});

Deno.test("a list allows only what it names, by name, address, range and port", () => {
  const allow = allowTargets([
    "example.com:443",
    "10.0.0.0/8",
    "[2001:db8::]/32:80",
    "::1",
    "127.0.0.1:9",
    "[fd00::/8]:443",
    "[fe80::/10]",
    "rooted.example.:5",
    "[::ffff:172.16.0.0/108]:22",
    "localhost",
  ]);
  const cases: [string, string, number, boolean][] = [
    ["example.com", "1.2.3.4", 443, true],
    ["EXAMPLE.com", "1.2.3.4", 443, true],
    ["example.com", "1.2.3.4", 80, false],
    ["x", "10.200.3.4", 1, true],
    ["x", "::ffff:10.200.3.4", 1, true],
    ["x", "11.0.0.1", 1, false],
    ["x", "2001:db8::5", 80, true],
    ["x", "2001:db8::5", 81, false],
    ["x", "0:0:0:0:0:0:0:1", 5, true],
    ["x", "127.0.0.1", 9, true],
    ["x", "127.0.0.1", 10, false],
    ["x", "fd12::1", 443, true],
    ["x", "fd12::1", 80, false],
    ["x", "fe80::1", 80, true],
    ["x", "172.31.0.1", 22, true],
    ["x", "172.32.0.1", 22, false],
    ["localhost.", "127.0.0.1", 80, true],
    ["Rooted.example", "1.2.3.4", 5, true],
  ];
  for (const [host, ip, port, expected] of cases) {
    assertEquals(allow(host, ip, port), expected, `${host} ${ip} ${port}`);
  }
});

Deno.test("a malformed entry is refused", () => {
  for (
    const entry of [
      "",
      "*",
      "*.example.com",
      ".",
      "a b",
      "a:b",
      "10.0.0.0/33",
      "10.0.0.0/8:0",
      "10.0.0.0/8:65536",
      "[10.0.0.0/8",
      "x/8",
      "host:0",
      "::/129",
      "[::/129]:1",
    ]
  ) {
    assertThrows(() => allowTargets([entry]), Error, "expected");
  }
});
