import { assertEquals } from "@std/assert";
import { hostName } from "../../src/address/host.ts";

const names: [written: string, name: string | undefined][] = [
  ["example.com", "example.com"],
  ["Example.COM.", "Example.COM."],
  ["_dmarc.a-b.c", "_dmarc.a-b.c"],
  ["127.0.0.1", "127.0.0.1"],
  ["bücher.example", "xn--bcher-kva.example"],
  ["BÜCHER.Example.", "xn--bcher-kva.example."],
  ["bu\u0308cher.example", "xn--bcher-kva.example"],
  ["straße.example", "xn--strae-oqa.example"],
  ["日本語.jp", "xn--wgv71a119e.jp"],
  ["XN--bcher-kva.example", "xn--bcher-kva.example"],
  ["a.xn--bcher-kva", "a.xn--bcher-kva"],
  ["x".repeat(63), "x".repeat(63)],
  ["x".repeat(64), undefined],
  [`ü${"x".repeat(60)}`, undefined],
  ["x.".repeat(126) + "x", "x.".repeat(126) + "x"],
  ["x.".repeat(127) + "x", undefined],
  ["ü.".repeat(40), undefined],
  ["xn--a.example", undefined],
  ["a.xn--", undefined],
  ["אab.example", undefined],
  ["a..b", undefined],
  ["ü..b", undefined],
  [".a", undefined],
  ["１２７.0.0.1", undefined],
  ["１", undefined],
  ["a b", undefined],
  ["a/b", undefined],
  ["a@b", undefined],
  ["a:1", undefined],
  ["a\0", undefined],
  ["-a", undefined],
  ["", undefined],
];

for (const [written, name] of names) {
  Deno.test(`a host that is written ${JSON.stringify(written)} is ${name ?? "none"}`, () => {
    assertEquals(hostName(written), name);
    if (name) assertEquals(hostName(name), name, "its name is its name");
  });
}
