import { assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import {
  parseCount,
  parseDuration,
  parseEscapes,
  parseOctal,
  parseRate,
  parseRegExp,
  parseSize,
} from "../../src/flags/values.ts";
import { encode } from "../support/connections.ts";

function refuses(parse: (text: string) => unknown, expected: string, texts: readonly string[]) {
  for (const text of texts) {
    const { message } = assertThrows(() => parse(text), Error);
    assertStringIncludes(message, expected, JSON.stringify(text));
  }
}

Deno.test("parseDuration() gives milliseconds", () => {
  const cases = {
    "500ms": 500,
    "10s": 10_000,
    "2m": 120_000,
    "1h": 3_600_000,
    "1.5s": 1500,
    "0s": 0,
  };
  for (const [text, ms] of Object.entries(cases)) assertEquals(parseDuration(text), ms);
});

Deno.test("parseDuration() refuses what has no unit, a sign, or more than a timer can count", () => {
  refuses(parseDuration, "such as 500ms", [
    "",
    "5",
    "s",
    "-1s",
    "1 s",
    "1S",
    "1d",
    "1e3s",
    ".5s",
    "1s1",
  ]);
  refuses(parseDuration, "at most 596h", ["597h", "99999999999s"]);
  assertEquals(parseDuration("596h"), 596 * 3_600_000);
});

Deno.test("parseSize() counts kB in thousands and KiB in 1024", () => {
  const cases = {
    "0": 0,
    "512": 512,
    "512B": 512,
    "64k": 64_000,
    "64kB": 64_000,
    "2M": 2_000_000,
    "1.5MB": 1_500_000,
    "1G": 1e9,
    "1GB": 1e9,
    "1KiB": 1024,
    "16MiB": 16_777_216,
    "2GiB": 2 ** 31,
  };
  for (const [text, bytes] of Object.entries(cases)) assertEquals(parseSize(text), bytes);
});

Deno.test("parseSize() refuses other units, and names that every object has", () => {
  refuses(parseSize, "a size such as", ["", "k", "-1", "1 k", "1K", "1kb", "1TB", "1e3"]);
  refuses(parseSize, "a size such as", ["1constructor", "1toString", "1valueOf"]);
});

Deno.test("parseRate() is a size for each second, and never zero", () => {
  assertEquals(parseRate("1MB/s"), 1_000_000);
  assertEquals(parseRate("64KiB/s"), 65_536);
  refuses(parseRate, "expected a", ["", "1MB", "/s", "0/s", "1MB/m", "x/s"]);
});

Deno.test("parseCount() takes whole numbers from the minimum", () => {
  assertEquals(parseCount("0", 0), 0);
  assertEquals(parseCount("1024", 1), 1024);
  refuses((text) => parseCount(text, 1), "at least 1", [
    "",
    "0",
    "-1",
    "1.5",
    "1e3",
    "x",
    "9".repeat(20),
  ]);
});

Deno.test("parseEscapes() makes bytes of escapes and UTF-8 of the rest", () => {
  const cases: Record<string, readonly number[]> = {
    "": [],
    "abc": [97, 98, 99],
    "\\r\\n\\t\\0\\\\": [13, 10, 9, 0, 92],
    "\\x00\\xff\\xFf": [0, 255, 255],
    "\\x41B": [65, 66],
    "\\u{41}\\u{e4}\\u{1F44D}": [...encode("Aä👍")],
    "ä👍": [...encode("ä👍")],
    "\\\\n": [92, 110],
    "a\\nb": [97, 10, 98],
  };
  for (const [text, bytes] of Object.entries(cases)) {
    assertEquals([...parseEscapes(text)], [...bytes], text);
  }
});

Deno.test("parseEscapes() refuses any other escape and quotes it", () => {
  for (
    const text of ["\\q", "\\", "\\x", "\\x4", "\\xg0", "\\u41", "\\u{}", "\\u{1234567}", "\\👍"]
  ) {
    const { message } = assertThrows(() => parseEscapes(text), Error);
    assertStringIncludes(message, "instead of", text);
    assertStringIncludes(message, text.slice(0, 2), text);
  }
  refuses(parseEscapes, "Unicode scalar value", ["\\u{110000}", "\\u{d800}"]);
});

Deno.test("parseRegExp() takes JavaScript's patterns over code points", () => {
  assertEquals(parseRegExp("^.$").test("👍"), true);
  refuses(parseRegExp, "expected a regular expression", ["(", "[", "\\", "*"]);
});

Deno.test("parseRegExp() takes ^ and $ for the ends of each line", () => {
  const pattern = parseRegExp("^two$");
  assertEquals(["one\ntwo\nthree", "onetwo\n"].map((text) => pattern.test(text)), [true, false]);
});

Deno.test("parseRegExp() takes escapes that Unicode's syntax refuses, as the old syntax does", () => {
  assertEquals(parseRegExp("a\\-b{").test("a-b{"), true);
  assertEquals(parseRegExp("\\-^").multiline, true);
});

Deno.test("parseOctal() takes three octal digits", () => {
  assertEquals([parseOctal("0600"), parseOctal("660"), parseOctal("777")], [0o600, 0o660, 0o777]);
  refuses(parseOctal, "octal", ["", "7", "0888", "1777", "-600", "0o600", "00600"]);
});
