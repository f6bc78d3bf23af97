/** `replay --check`: compares what is received with the recording, up to the first difference. */
import { concat } from "../core/bytes.ts";
import type { Message } from "../core/duplex.ts";
import { ExpectationError } from "../core/errors.ts";
import { hexdump } from "../wrap/dump.ts";
import { canSend, NORMAL } from "../ws/close.ts";
import type { End, Script } from "./script.ts";

/** Bytes of a hexdump's row. */
const ROW = 16;
/** Bytes that a dump shows, from the row of the difference on. */
const DUMP_LENGTH = 4 * ROW;

/** What is received isn't what was recorded. */
export class DifferenceError extends ExpectationError {
  /** @param dump Lines that show both: `-` recorded, `+` received. */
  constructor(peer: string, reason: string, readonly dump: readonly string[]) {
    super("check", peer, reason);
  }
}

/**
 * Compares one connection. Bytes of a stream are compared however they were cut. Where the
 * recording has no EOF of the other side, what came after its last byte is unknown and isn't
 * compared.
 */
export class Check {
  /** All bytes of a stream. */
  readonly #stream: Uint8Array;
  /** Bytes, or messages, received so far, all as recorded. */
  #count = 0;

  constructor(private readonly script: Script, private readonly peer: string) {
    const { framing, expected } = script;
    this.#stream = framing === "stream" ? concat(expected.map(({ data }) => data)) : NOTHING;
  }

  /** Compares bytes of a stream. Throws a `DifferenceError`. */
  bytes(received: Uint8Array): void {
    const expected = this.#stream.subarray(this.#count, this.#count + received.length);
    const matching = firstDifference(expected, received);
    const surplus = received.length > expected.length && this.script.expectsEof;
    if (matching === expected.length && !surplus) {
      this.#count += expected.length;
      return;
    }
    const at = this.#count + matching;
    const row = at - at % ROW;
    const known = this.#stream.subarray(row, this.#count);
    const shown = concat([known, received.subarray(Math.max(0, row - this.#count))]);
    throw this.#error(
      at === this.#stream.length
        ? `the recording ends after ${at} bytes`
        : `byte ${at} differs from the recording`,
      dumpBoth(this.#stream.subarray(row), shown, row),
    );
  }

  /** Compares one message. Throws a `DifferenceError`. */
  message({ data, text }: Message): void {
    const expected = this.script.expected[this.#count];
    const number = this.#count + 1;
    if (!expected) {
      if (!this.script.expectsEof) return;
      throw this.#error(`the recording has no message ${number}`, dumpBoth(NOTHING, data, 0));
    }
    const at = firstDifference(expected.data, data);
    if (at < Math.max(expected.data.length, data.length)) {
      const row = at - at % ROW;
      throw this.#error(
        `message ${number} differs from the recording at byte ${at}`,
        dumpBoth(expected.data.subarray(row), data.subarray(row), row),
      );
    }
    if (text !== undefined && text !== expected.text) {
      const [is, was] = text ? ["text", "binary"] : ["binary", "text"];
      throw this.#error(`message ${number} is ${is}, and ${was} in the recording`, []);
    }
    this.#count++;
  }

  /** The error for what is missing, if anything is, after the last byte or message. */
  missing(): DifferenceError | undefined {
    const { total, framing, expected } = this.script;
    if (this.#count >= total) return undefined;
    const count = this.#count;
    if (framing === "stream") {
      const row = count - count % ROW;
      const received = this.#stream.subarray(row, count);
      const dump = dumpBoth(this.#stream.subarray(row), received, row);
      return this.#error(`${count} of ${total} recorded bytes came`, dump);
    }
    const dump = dumpBoth(expected[count]!.data, NOTHING, 0);
    return this.#error(`${count} of ${total} recorded messages came`, dump);
  }

  /** The error for a peer that ended in another way than recorded, after all that it sent. */
  otherEnd(end: End): DifferenceError | undefined {
    const { peerEnd } = this.script;
    if (!peerEnd || isSameEnd(peerEnd, end)) return undefined;
    return this.#error(`it was ${phrase(end)}, and ${phrase(peerEnd)} in the recording`, []);
  }

  #error(reason: string, dump: readonly string[]): DifferenceError {
    return new DifferenceError(this.peer, `connection ${this.script.id}: ${reason}`, dump);
  }
}

const NOTHING = new Uint8Array();

/** Whether a peer ended as recorded. For a code that no frame may carry, a replay sends 1000. */
export function isSameEnd(recorded: End, { code, reset }: End): boolean {
  if (recorded.code === undefined) return !recorded.reset || reset === true;
  return code === recorded.code || (!canSend(recorded.code) && code === NORMAL.code);
}

function phrase({ code, reset }: End): string {
  if (code !== undefined) return `closed with ${code}`;
  return reset ? "reset" : "closed";
}

/** Index of the first byte that differs, or the length of the shorter array. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at++;
  return at;
}

/** Hexdumps of both, whose first byte has `offset` in the stream or message. */
function dumpBoth(recorded: Uint8Array, received: Uint8Array, offset: number): string[] {
  return [
    "- recorded",
    ...hexdump(recorded.subarray(0, DUMP_LENGTH), offset).map((line) => `- ${line}`),
    "+ received",
    ...hexdump(received.subarray(0, DUMP_LENGTH), offset).map((line) => `+ ${line}`),
  ];
}
