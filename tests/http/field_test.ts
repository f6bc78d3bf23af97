import { assertEquals, assertThrows } from "@std/assert";
import { parseField, parseToken } from "../../src/http/field.ts";

Deno.test("a header field has a name and a value", () => {
  assertEquals(parseField("X-Name: value"), ["X-Name", "value"]);
  assertEquals(parseField("X:"), ["X", ""]);
  assertEquals(parseField("Cookie:a=b; c=d:e\t "), ["Cookie", "a=b; c=d:e"]);
});

for (
  const text of ["", "X", ": x", "X Y: z", "X : y", "X: a\r\nY: b", "X: a\nb", "X: \0", "Ä: x"]
) {
  Deno.test(`no header field: ${JSON.stringify(text)}`, () => {
    assertThrows(() => parseField(text), Error, "expected 'Name: value'");
  });
}

for (const name of ["Upgrade", "connection", "Sec-WebSocket-Key", "Content-Length"]) {
  Deno.test(`a header field that the handshake sets can't be given: ${name}`, () => {
    assertThrows(() => parseField(`${name}: x`), Error, `the handshake sets ${name}`);
  });
}

Deno.test("a subprotocol is a token", () => {
  assertEquals(parseToken("coax.chat.v1"), "coax.chat.v1");
  for (const text of ["", "a b", "a,b", '"a"', "ä", "a\n"]) {
    assertThrows(() => parseToken(text), Error, "expected a name");
  }
});
