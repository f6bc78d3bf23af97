import { assertEquals, assertThrows } from "@std/assert";
import {
  canSend,
  closedText,
  formatClose,
  isClean,
  NORMAL,
  parseClose,
} from "../../src/ws/close.ts";

Deno.test("codes that a Close may carry (RFC 6455 §7.4)", () => {
  const good = [1000, 1001, 1002, 1003, 1007, 1008, 1011, 1012, 1014, 3000, 3999, 4000, 4999];
  const bad = [0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535];
  assertEquals([...good, ...bad].filter(canSend), good);
});

Deno.test("a Close is read from CODE[:REASON]", () => {
  assertEquals(parseClose("1000"), { code: 1000, reason: "" });
  assertEquals(parseClose("4000:"), { code: 4000, reason: "" });
  assertEquals(parseClose("4000:a: b\nc"), { code: 4000, reason: "a: b\nc" });
  assertEquals(parseClose(`3000:${"x".repeat(123)}`).reason.length, 123);
});

for (const text of ["", "x", ":x", "100", "10000", "0x3e8", "1005", "1006", "1015", "2000", "-1"]) {
  Deno.test(`no Close is read from "${text}"`, () => {
    assertThrows(() => parseClose(text), Error, "expected CODE[:REASON]");
  });
}

Deno.test("a reason has at most 123 bytes of UTF-8", () => {
  for (const reason of ["x".repeat(124), "ä".repeat(62), "\ud800"]) {
    assertThrows(() => parseClose(`1000:${reason}`), Error, "at most 123 bytes");
  }
  assertEquals(parseClose(`1000:${"ä".repeat(61)}`).code, 1000);
});

Deno.test("1000, 1001, none and our own are clean codes", () => {
  const clean = (ours = NORMAL) =>
    [1000, 1001, 1002, 1005, 1006, 1011, 4000].filter((code) => isClean(code, ours));
  assertEquals(clean(), [1000, 1001, 1005]);
  assertEquals(clean({ code: 4000, reason: "" }), [1000, 1001, 1005, 4000]);
});

Deno.test("a Close is shown with its reason", () => {
  assertEquals(formatClose({ code: 1000, reason: "" }), "1000");
  assertEquals(formatClose({ code: 1005, reason: "" }), "without a code");
  assertEquals(formatClose({ code: 1011, reason: "oops" }), '1011 "oops"');
});

Deno.test("what a peer was closed with is a phrase, also without a code", () => {
  assertEquals(closedText({ code: 1000, reason: "bye" }), 'closed with 1000 "bye"');
  assertEquals(closedText({ code: 1005, reason: "" }), "closed without a code");
});
