/**
 * Random input that is almost valid: valid samples, cut, repeated, mixed and with bytes changed.
 */
import { concat } from "../../src/core/bytes.ts";
import { CoaxError } from "../../src/core/errors.ts";
import { below, chop, type Generator, generator, pick } from "../support/random.ts";
import { soon } from "../support/wait.ts";

/** The time that each input may take, milliseconds. */
const EACH = 2_000;

/** Bytes that parsers treat specially. */
const PIECES = [
  "\0",
  "\r",
  "\n",
  "\r\n\r\n",
  " ",
  ":",
  "/",
  "=",
  "-",
  "[",
  "]",
  '"',
  "\\",
  "%",
  "@",
];
const MORE = ["ÿ", "é", "\u202e", "\x1b[2J", "\ud800", "0", "65536", "99999999999999999999", "NaN"];

/** Runs `work` for seeds from 1 to `count`; an error names its seed. */
export async function fuzz(
  count: number,
  work: (random: Generator, seed: number) => unknown,
): Promise<void> {
  for (let seed = 1; seed <= count; seed++) {
    try {
      await work(generator(seed), seed);
    } catch (error) {
      throw new Error(`seed ${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** Waits for a result, a `CoaxError` or one of the `known` errors, in time. */
export async function knownOutcome<T>(
  work: Promise<T>,
  ...known: (new (...args: never[]) => Error)[]
): Promise<T | undefined> {
  try {
    return await soon(work, "an outcome", EACH);
  } catch (error) {
    if (error instanceof CoaxError || known.some((kind) => error instanceof kind)) return;
    throw error;
  }
}

/** Mutates one of `samples`, or a mix of two, with up to four changes. */
export function mutatedText(random: Generator, samples: readonly string[]): string {
  let text = pick(random, samples);
  for (let changes = below(random, 5); changes > 0; changes--) {
    const [from, to] = span(random, text.length);
    const between = pick(random, [
      "",
      pick(random, PIECES),
      pick(random, MORE),
      text.slice(from, to).repeat(2),
      pick(random, samples),
    ]);
    text = text.slice(0, from) + between + text.slice(to);
  }
  return text;
}

/** The same for bytes. */
export function mutatedBytes(
  random: Generator,
  samples: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  let bytes = pick(random, samples).slice();
  for (let changes = below(random, 5); changes > 0; changes--) {
    const [from, to] = span(random, bytes.length);
    const between = pick(random, [
      new Uint8Array(),
      Uint8Array.of(below(random, 256)),
      Uint8Array.of(pick(random, [0, 1, 0x7e, 0x7f, 0x80, 0xfe, 0xff])),
      concat([bytes.subarray(from, to), bytes.subarray(from, to)]),
      pick(random, samples),
    ]);
    bytes = concat([bytes.subarray(0, from), between, bytes.subarray(to)]).slice();
  }
  return bytes;
}

/** Cuts bytes into pieces, as a peer may send them. */
export function pieces(random: Generator, bytes: Uint8Array): Uint8Array[] {
  return chop(random, bytes, pick(random, [1, 5, 1000]));
}

/** A random span to change, mostly short. */
function span(random: Generator, length: number): [from: number, to: number] {
  const from = below(random, length + 1);
  return [from, from + below(random, pick(random, [1, 2, 8]))];
}
