import { assertEquals, assertThrows } from "@std/assert";
import { type Extension, parseExtensions } from "../../src/ws/extensions.ts";

const good: [member: string, extension: Extension][] = [
  ["a", { name: "a", parameters: [] }],
  ["a; b", { name: "a", parameters: [["b", true]] }],
  ["a \t;\tb ; c=1", { name: "a", parameters: [["b", true], ["c", "1"]] }],
  ['a;b="1";c="x\\-\\y"', { name: "a", parameters: [["b", "1"], ["c", "x-y"]] }],
  ["a;b;b=2", { name: "a", parameters: [["b", true], ["b", "2"]] }],
  ["!#$%&'*+.^_`|~-;__proto__", {
    name: "!#$%&'*+.^_`|~-",
    parameters: [["__proto__", true]],
  }],
];

for (const [member, extension] of good) {
  Deno.test(`the extension ${member} is read`, () => {
    assertEquals(parseExtensions(["x", member]), [{ name: "x", parameters: [] }, extension]);
  });
}

const bad = ["", ";", "a;", ";a", "a b", "a=1", "a;b=", "a;=b", "a;b =1", "a;b= 1", "a;b=1 2"]
  .concat(['a;b="', 'a;b=""', 'a;b="1', 'a;b="1 2"', 'a;b="1"2', 'a;b="1\\"', 'a;b="\\""', "a;é"])
  .concat(['"a"', "a;b=c=d", "a;b\\c", 'a;"b"']);

for (const member of bad) {
  Deno.test(`the extension "${member}" is malformed`, () => {
    assertThrows(() => parseExtensions(["x", member]), Error, "malformed");
  });
}
