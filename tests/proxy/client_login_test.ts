import { assert, assertEquals } from "@std/assert";
import { ClientLogin } from "../../src/proxy/client_login.ts";

const basic = (text: string) => `Basic ${new TextEncoder().encode(text).toBase64()}`;

Deno.test("a login is accepted whole, by every protocol's way to send it", () => {
  const login = ClientLogin.parse("mé:pass:word")!;
  assert(login.accepts("mé", "pass:word"));
  assert(login.acceptsBasic(basic("mé:pass:word")));
  assert(login.acceptsBasic(basic("mé:pass:word").replace("Basic", "bAsIc")));
  for (
    const [user, password] of [["mé", "pass"], ["m", "pass:word"], ["", ""], ["mé:pass", "word"]]
  ) {
    const same = `${user}:${password}` === "mé:pass:word";
    assertEquals(login.accepts(user!, password!), same, `${user} ${password}`);
  }
  for (
    const value of [null, "", "Basic", "Basic !", "Bearer x", basic(""), basic("mé"), basic(":")]
  ) {
    assert(!login.acceptsBasic(value), `${value}`);
  }
});

Deno.test("a login that not every protocol can carry is none", () => {
  const long = "x".repeat(256);
  for (const text of ["", ":", "a", "a:", ":b", "a\n:b", "a:b\0", `${long}:b`, `a:${long}`]) {
    assertEquals(ClientLogin.parse(text), undefined, text);
  }
});
