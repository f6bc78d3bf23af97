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

Deno.test("parseProxy() takes what a login may be, and has names in ASCII", () => {
  const login = (text: string) => {
    const { user, password } = parseProxy(text).credentials ?? {};
    return [user, password];
  };
  assertEquals(login("http://:pw@h:1"), ["", "pw"]);
  assertEquals(login("http://u:@h:1"), ["u", ""]);
  assertEquals(login("http://u@h:1"), ["u", ""]);
  assertEquals(login("http://:@h:1"), ["", ""]);
  assertEquals(login("socks5h://u:pw@h:1"), ["u", "pw"]);
  assertEquals(login("socks4a://me@h:1"), ["me", ""]);
  assertEquals(login("socks4a://h:1"), [undefined, undefined]);
  assertEquals(parseProxy("socks5h://h:1").scheme, "socks5");
  assertEquals(parseProxy("socks5h://u:p@h:1").text, "socks5h://***@h:1");
  assertEquals(parseProxy("socks4a://me@h:1").text, "socks4a://***@h:1");
  assertEquals(login("http://@h:1"), [undefined, undefined]);
  assertEquals(login("socks5://@h:1"), [undefined, undefined]);
  assertEquals(login("socks5://u:@h:1"), ["u", ""]);
  assertEquals(login("http://%C3%A4%40:%3A%2F%25@h:1"), ["ä@", ":/%"]);
  assertEquals(parseProxy("http://:pw@h:1").text, "http://***@h:1");
  assertEquals(parseProxy("http://user@h:1").text, "http://***@h:1");
  assertEquals(parseProxy("socks5://user:p@ss@h:1").text, "socks5://***@h:1");
  assertEquals(parseProxy("socks5://bücher.example:1").host, "xn--bcher-kva.example");
});

Deno.test("parseProxy() refuses anything else without showing the password", () => {
  const long = "x".repeat(256);
  for (
    const text of [
      "",
      "socks4://h:1",
      "httph://h:1",
      "socks5H://h:1",
      "socks4a://h",
      "socks4a://u:secret@h:1",
      "socks4a://u:@h:1",
      "socks4a://secret%00@h:1",
      `socks4a://${long}@h:1`,
      "socks5://h",
      "http://u:secret@",
      "socks5://%zz:secret@h:1",
      "socks5://:secret@h:1",
      "http://a%3Ab:secret@h:1",
      "http://u:secret%0A@h:1",
      `socks5://u:${long}@h:1`,
    ]
  ) {
    const error = assertThrows(() => parseProxy(text), UsageError, "--via");
    assertEquals(error.message.includes("secret"), false);
  }
});
