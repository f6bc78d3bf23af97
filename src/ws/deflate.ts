/**
 * permessage-deflate (RFC 7692). Ours are compressed without context takeover, so that a connection
 * keeps no compressor and a message's length reveals nothing about the one before. A message takes
 * one synchronous call of zlib: on Deno 2.7.11, invalid data in a zlib stream kills the process.
 */
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { concat } from "../core/bytes.ts";

/** What a flush appends, which is removed from a message (RFC 7692 §7.2.1). */
const TRAILER = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/** An empty last block (RFC 1951 §3.2.4): zlib takes a stream without one for a cut one. */
const LAST_BLOCK = Uint8Array.of(0x01, 0x00, 0x00, 0xff, 0xff);

/** The largest window in bytes, as a power of two (RFC 7692 §7.1.2). */
const LARGEST_WINDOW = 15;

/**
 * The most bytes that a message of `maxMessage` bytes is compressed to: data that doesn't compress
 * grows, by an eighth with fixed codes of nine bits (RFC 1951 §3.2.6), and by what a flush appends.
 */
export function longestCompressed(maxMessage: number): number {
  return maxMessage + Math.ceil(maxMessage / 8) + 64;
}

/** An inflated message is longer than allowed. */
export class TooLongError extends Error {}

interface DeflateOptions {
  /** Longest inflated message, bytes. */
  readonly maxMessage: number;
  /** Our window in bytes, as a power of two; without it, the largest. */
  readonly window?: number;
  /** Whether the peer's messages refer to those before (context takeover). */
  readonly takeover?: boolean;
}

export class Deflate {
  /** The peer's window with context takeover: the last 32 KiB that were inflated. */
  #window: Uint8Array = new Uint8Array();

  constructor(private readonly options: DeflateOptions) {}

  /** Compresses a message of ours (§7.2.1). */
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
   * Inflates a message of the peer (§7.2.2). Throws a `TooLongError`, or zlib's error for data that
   * is invalid or cut short.
   */
  inflate(message: Uint8Array): Uint8Array {
    // An empty message is one byte (§7.2.3.6), but a compressor with nothing to flush writes none.
    if (message.length === 0) return message;
    const window = this.#window;
    const whole = concat([storedBlock(window), message, TRAILER, LAST_BLOCK]);
    const inflated = inflateAll(whole, window.length + this.options.maxMessage);
    if (this.options.takeover) this.#window = inflated.slice(-(2 ** LARGEST_WINDOW));
    return inflated.subarray(window.length);
  }
}

function inflateAll(data: Uint8Array, maxOutputLength: number): Uint8Array {
  try {
    const { buffer, byteOffset, length } = inflateRawSync(data, { maxOutputLength });
    return new Uint8Array(buffer, byteOffset, length); // Not one of Node's buffers.
  } catch (error) {
    if ((error as { code?: string }).code !== "ERR_BUFFER_TOO_LARGE") throw error;
    throw new TooLongError("a message is too long", { cause: error });
  }
}

/**
 * A stored block (RFC 1951 §3.2.4) of at most 64 KiB, which puts `bytes` into the window. zlib's
 * option `dictionary` is meant for that, but has no effect on raw data in Deno 2.7.11.
 */
function storedBlock(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  if (length === 0) return bytes;
  return concat([Uint8Array.of(0, length, length >> 8, ~length, ~length >> 8), bytes]);
}
