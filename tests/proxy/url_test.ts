import { assertEquals, assertThrows } from "@std/assert";
import { UsageError } from "../../src/core/errors.ts";
import { parseProxy } from "../../src/proxy/url.ts";

Deno.test("parseProxy() takes both schemes, with and without a login", () => {
  assertEquals(parseProxy("socks5://localhost:1080"), {
    scheme: "socks5",
    host: "localhost",
    port: 1080,
    credentials: undefined,
    text: "socks5://localhost:1080",
  });
  const { scheme, credentials, text } = parseProxy("http://me:p%40ss:word@[::1]:8080");
  assertEquals(scheme, "http");
  assertEquals(credentials, { user: "me", password: "p@ss:word" });
  assertEquals(text.includes("word"), false);
});

Deno.test("parseProxy() refuses anything else without showing the password", () => {
  const long = "x".repeat(256);
  for (
    const text of [
      "",
      "socks4://h:1",
      "socks5://h",
      "http://u:secret@",
      "socks5://%zz:secret@h:1",
      `socks5://u:${long}@h:1`,
    ]
  ) {
    const error = assertThrows(() => parseProxy(text), UsageError, "--via");
    assertEquals(error.message.includes("secret"), false);
  }
});
