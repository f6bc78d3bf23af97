/**
 * permessage-deflate (RFC 7692): messages compressed and inflated. Ours are compressed each on its
 * own, so that a connection holds no compressor's memory and a message's length says nothing about
 * the one before. One call of zlib does a message: its streams can't be trusted with data that
 * can't be inflated, which on Deno 2.7.11 ends the process.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../core/bytes.ts";

/** What a flush leaves at the end, and a message goes without (RFC 7692 §7.2.1). */
const TRAILER = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** The largest window, as the power of two that it is in bytes (RFC 7692 §7.1.2). */
const LARGEST_WINDOW = 15;

/** A message is longer inflated than any may be. */
export class TooLongError extends Error {}

interface DeflateOptions {
  /** Bytes of an inflated message. */
  readonly maxMessage: number;
  /** How far back what we compress may refer, as a power of two; without it, as far as can be. */
  readonly window?: number;
  /** Whether what the peer compresses may refer to its messages before. */
  readonly takeover?: boolean;
}

export class Deflate {
  /** The end of all that has been inflated, where the peer may refer to it. */
  #past: Uint8Array = new Uint8Array();

  constructor(private readonly options: DeflateOptions) {}

  /** A message of ours as it is sent (§7.2.1). */
  compress(message: Uint8Array): Uint8Array {
    const { window = LARGEST_WINDOW } = this.options;
    const flushed = deflateRawSync(message, {
      finishFlush: constants.Z_SYNC_FLUSH,
      level: 3, // Half the gain for a fifth of the time.
      // zlib has no raw window of 2^8; with one of 2^9 it refers 250 bytes back at most.
      windowBits: Math.max(window, 9),
    });
    return flushed.subarray(0, -TRAILER.length);
  }

  /**
   * A message of the peer, as it was before it was compressed. Throws a `TooLongError`, or what
   * zlib finds wrong.
   */
  inflate(message: Uint8Array): Uint8Array {
    const past = this.#past;
    const whole = concat([stored(past), message, TRAILER]);
    const inflated = inflateAll(whole, past.length + this.options.maxMessage);
    if (this.options.takeover) this.#past = inflated.slice(-(2 ** LARGEST_WINDOW));
    return inflated.subarray(past.length);
  }
}

function inflateAll(data: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    const finishFlush = constants.Z_SYNC_FLUSH;
    const { buffer, byteOffset, length } = inflateRawSync(data, { finishFlush, maxOutputLength });
    return new Uint8Array(buffer, byteOffset, length); // Not one of Node's buffers.
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw new TooLongError("a message is too long", { cause: error });
  }
}

/**
 * A block that inflates to `bytes`, at most 64 KiB, and can be referred to (RFC 1951 §3.2.4).
 * zlib's option `dictionary` is meant for that, but without effect on raw data in Deno 2.7.11.
 */
function stored(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length === 0) return bytes;
  return concat([Uint8Array.of(0, length, length >> 8, ~length, ~length >> 8), bytes]);
}
