/**
 * Parsers of options' values. Each throws a plain `Error` that says what was expected; the caller
 * adds the option's name.
 */

import { concat } from "../core/bytes.ts";
import { LONGEST_TIMER } from "../core/timer.ts";
import { MOST_HOURS, nearDuration, nearProbability, nearRate, nearSize } from "./near_values.ts";

const DURATION_UNITS: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** An error that says what was expected, and what is probably meant. */
export function expected(what: string, near: string): Error {
  return new Error(near ? `expected ${what}; ${near}` : `expected ${what}`);
}

/** `500ms`, `10s`, `2m`, `1h`, `1.5s` in milliseconds. */
export function parseDuration(text: string): number {
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text) ?? [];
  if (!unit) {
    throw expected("a duration with a unit, such as 500ms, 10s, 2m or 1h", nearDuration(text));
  }
  const ms = Number(number) * DURATION_UNITS[unit]!;
  if (ms > LONGEST_TIMER) throw new Error(`expected at most ${MOST_HOURS}h`);
  return ms;
}

const SIZE_UNITS: ReadonlyMap<string, number> = new Map(Object.entries({
  "": 1,
  B: 1,
  k: 1e3,
  kB: 1e3,
  M: 1e6,
  MB: 1e6,
  G: 1e9,
  GB: 1e9,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
}));

/** A size in bytes, undefined for anything else. */
function sizeOf(text: string): number | undefined {
  const [, number, unit] = /^(\d+(?:\.\d+)?)([A-Za-z]*)$/.exec(text) ?? [];
  const factor = unit === undefined ? undefined : SIZE_UNITS.get(unit);
  return factor === undefined ? undefined : Math.round(Number(number) * factor);
}

/** `512`, `64k`, `1.5MB`, `16MiB` in bytes; at least `least`. */
export function parseSize(text: string, least = 0): number {
  const size = sizeOf(text);
  if (size === undefined) throw expected("a size such as 512, 64k, 1MB or 16MiB", nearSize(text));
  if (size < least) throw new Error(`expected a size of at least ${least}`);
  return size;
}

/** `0.1` or `10%`, as a number from 0 to 1. */
export function parseProbability(text: string): number {
  const [, number, percent] = /^(\d+(?:\.\d+)?|\.\d+)(%?)$/.exec(text) ?? [];
  const probability = Number(number) / (percent ? 100 : 1);
  if (!(probability <= 1)) {
    throw expected("a probability such as 0.1 or 10%", nearProbability(text));
  }
  return probability;
}

/** `1MB/s` in bytes per second. */
export function parseRate(text: string): number {
  const rate = text.endsWith("/s") ? sizeOf(text.slice(0, -"/s".length)) : undefined;
  if (!rate) throw expected("a rate such as 64k/s or 1MiB/s", nearRate(text));
  return rate;
}

/** A whole number of at least `least`. */
export function parseCount(text: string, least: number): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(count >= least && Number.isSafeInteger(count))) {
    throw new Error(`expected a whole number of at least ${least}`);
  }
  return count;
}

const ESCAPES: Record<string, string> = { r: "\r", n: "\n", t: "\t", "0": "\0", "\\": "\\" };
const ESCAPE = /\\(?:x([0-9A-Fa-f]{2})|u\{([0-9A-Fa-f]{1,6})\}|([\s\S]?))/g;

/** Encodes a text with `\r \n \t \0 \\ \xHH \u{…}`: `\xHH` is one byte, all else is UTF-8. */
export function parseEscapes(text: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let index = 0;
  for (const match of text.matchAll(ESCAPE)) {
    const [whole, byte, codePoint, simple] = match;
    parts.push(encoder.encode(text.slice(index, match.index)));
    index = match.index + whole.length;
    if (byte) parts.push(Uint8Array.of(parseInt(byte, 16)));
    else parts.push(encoder.encode(codePoint ? fromCodePoint(codePoint) : ESCAPES[simple!]));
    if (!byte && !codePoint && ESCAPES[simple!] === undefined) {
      throw new Error(`expected one of \\r \\n \\t \\0 \\\\ \\xHH \\u{…} instead of "${whole}"`);
    }
  }
  parts.push(encoder.encode(text.slice(index)));
  return concat(parts);
}

function fromCodePoint(hex: string): string {
  const code = parseInt(hex, 16);
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) {
    throw new Error(`expected a Unicode scalar value in \\u{${hex}}`);
  }
  return String.fromCodePoint(code);
}

/**
 * A regular expression in JavaScript's syntax, with the flags `m` and `u`. Where only the stricter
 * syntax of `u` refuses it (`\-`), it has the flag `m` alone.
 */
export function parseRegExp(text: string): RegExp {
  try {
    return new RegExp(text, "mu");
  } catch {
    return parseLenient(text);
  }
}

function parseLenient(text: string): RegExp {
  try {
    return new RegExp(text, "m");
  } catch (error) {
    const why = (error as Error).message.replace(/^Invalid regular expression: /, "");
    throw new Error(`expected a regular expression, but ${why}`);
  }
}

/** Bytes in hexadecimal: `0d0a`, `0D 0A`, `0d:0a`; at least one. */
export function parseHex(text: string): Uint8Array {
  const digits = /^[\da-f]{2}(?:[ :]?[\da-f]{2})*$/i.test(text) ? text.replace(/[ :]/g, "") : "";
  if (digits === "") throw new Error("expected bytes in hexadecimal, such as 0d0a or '0d 0a'");
  return Uint8Array.fromHex(digits);
}

/** Permission bits in octal, such as `0660`. */
export function parseOctal(text: string): number {
  if (!/^0?[0-7]{3}$/.test(text)) {
    throw new Error("expected permission bits in octal, such as 0660");
  }
  return parseInt(text, 8);
}
