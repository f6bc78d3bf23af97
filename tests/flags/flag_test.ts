import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  choice,
  counter,
  custom,
  defaultTo,
  flagName,
  group,
  joined,
  repeated,
  toggle,
} from "../../src/flags/flag.ts";
import { bytes, count, duration, octal, rate, regExp, size, text } from "../../src/flags/kinds.ts";
import { encode } from "../support/connections.ts";

Deno.test("a key in camel case is an option with dashes", () => {
  assertEquals(flagName("connectTimeout"), "connect-timeout");
  assertEquals(flagName("eof"), "eof");
});

Deno.test("a switch is off until it is given, and a counter counts", () => {
  assertEquals([toggle("").parse([]), toggle("").parse(["true"])], [false, true]);
  assertEquals([counter("").parse([]), counter("").parse(["true", "true"])], [0, 2]);
});

Deno.test("without a default, an option that isn't given is undefined", () => {
  const flags = [duration(""), size(""), rate(""), count("", 0), text("", {}), bytes("", {})];
  for (const flag of [...flags, regExp(""), octal(""), choice("", ["a"])]) {
    assertEquals(flag.parse([]), undefined);
  }
});

Deno.test("the last value given counts", () => {
  assertEquals(duration("").parse(["1s", "2s"]), 2000);
  assertEquals(choice("", ["a", "b"]).parse(["a", "b"]), "b");
});

Deno.test("an earlier value must be valid, too", () => {
  assertThrows(() => duration("").parse(["soon", "2s"]), Error, "expected a duration");
});

Deno.test("a default stands until a value is given, and help shows it", () => {
  const flag = defaultTo(duration("time"), "5s");
  assertEquals([flag.parse([]), flag.parse(["1s"])], [5000, 1000]);
  assertEquals([flag.shown, flag.value, flag.help], ["5s", "D", "time"]);
});

Deno.test("a list that is given twice is one list", () => {
  const flag = joined(custom("", (given) => given.split(","), {}));
  assertEquals([flag.parse([]), flag.parse(["a,b", "c"])], [undefined, ["a", "b", "c"]]);
});

Deno.test("a repeated option has every value in order", () => {
  const flag = repeated(bytes("", { value: "TEXT" }));
  assertEquals(flag.parse([]), []);
  assertEquals(flag.parse(["a", "\\n"]), [encode("a"), encode("\n")]);
  assert(flag.repeat);
});

Deno.test("a choice is one of its words, and the message lists them", () => {
  const flag = choice("", ["text", "json"]);
  assertEquals([flag.value, flag.choices], ["text|json", ["text", "json"]]);
  assertEquals(flag.parse(["json"]), "json");
  assertThrows(() => flag.parse(["xml"]), Error, "expected one of text, json");
});

Deno.test("each kind of value parses its own", () => {
  assertEquals(size("").parse(["1KiB"]), 1024);
  assertEquals(rate("").parse(["1k/s"]), 1000);
  assertEquals(count("", 1).parse(["3"]), 3);
  assertEquals(octal("").parse(["0644"]), 0o644);
  assertEquals(text("", {}).parse([" as it is "]), " as it is ");
  assertEquals(regExp("").parse(["a+"]), /a+/mu);
  assertEquals(custom("", Number, {}).parse(["7"]), 7);
});

Deno.test("group puts flags under a heading and leaves the rest", () => {
  const flags = group("Talking", { keep: toggle("keep", "k"), wait: duration("wait") });
  assertEquals([flags.keep.group, flags.wait.group], ["Talking", "Talking"]);
  assertEquals([flags.keep.short, flags.wait.parse(["1s"])], ["k", 1000]);
});
