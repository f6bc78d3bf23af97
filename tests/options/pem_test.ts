import { assertEquals, assertThrows } from "@std/assert";
import { parseAlpn, parsePin, parseServerName } from "../../src/options/pem.ts";

Deno.test("a pin is 64 hexadecimal digits in any of the usual forms", () => {
  const hex = "0123456789abcdef".repeat(4);
  const colons = hex.toUpperCase().replace(/..(?=.)/g, "$&:");
  for (const text of [`sha256:${hex}`, `sha256:${colons}`, `SHA256:${hex.toUpperCase()}`]) {
    assertEquals(parsePin(text), hex);
  }
  for (const text of [hex, "sha256:", `sha256:${hex}0`, `sha1:${hex}`, `sha256:${hex.slice(1)}g`]) {
    assertThrows(() => parsePin(text), Error, "64 hexadecimal digits");
  }
});

Deno.test("protocols are names with commas between them", () => {
  assertEquals(parseAlpn("h2, http/1.1"), ["h2", "http/1.1"]);
  for (const text of ["", "h2,", ",", "x".repeat(256), "é".repeat(128)]) {
    assertThrows(() => parseAlpn(text), Error, "expected names of protocols");
  }
});

Deno.test("a server's name is a host name or an address", () => {
  for (const text of ["localhost", "a-b.example", "_x.example", "10.0.0.1", "::1"]) {
    assertEquals(parseServerName(text), text);
  }
  assertEquals(parseServerName("host.example."), "host.example");
  assertEquals(parseServerName("bücher.example."), "xn--bcher-kva.example");
  for (const text of ["", "a b", "a..b", "-a", "a/b", "x".repeat(64), "a:1"]) {
    assertThrows(() => parseServerName(text), Error, "expected a host name");
  }
});
