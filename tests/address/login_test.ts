import { assertEquals } from "@std/assert";
import { maskLogin, parseLogin } from "../../src/address/login.ts";

Deno.test("parseLogin() splits at the first colon and decodes both parts", () => {
  assertEquals(parseLogin("user:pass"), { user: "user", password: "pass" });
  assertEquals(parseLogin("a%3Ab:c:d%40"), { user: "a:b", password: "c:d@" });
  assertEquals(parseLogin("user:"), { user: "user", password: "" });
  assertEquals(parseLogin("token"), { user: "token", password: undefined });
  assertEquals(parseLogin("%zz:a"), undefined);
  assertEquals(parseLogin("a:%e9"), undefined);
});

Deno.test("maskLogin() shows nothing before the last @ but the scheme", () => {
  assertEquals(maskLogin("http://u:p@ss/w@host:1"), "http://***@host:1");
  assertEquals(maskLogin("u:p@host"), "***@host");
  assertEquals(maskLogin("nats://host"), "nats://host");
});
