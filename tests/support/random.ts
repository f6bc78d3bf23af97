/** Reproducible randomness: a failing case is found by its seed. */

/** Each call returns a number from 0 to below 1. */
export type Generator = () => number;

/** Numbers from 0 to below 1 (xorshift32, Marsaglia 2003). */
export function generator(seed: number): Generator {
  let state = (seed * 2654435769) >>> 0 || 1;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state / 2 ** 32;
  };
}

/** A whole number from 0 to below `limit`. */
export function below(random: () => number, limit: number): number {
  return Math.floor(random() * limit);
}

/** One of `choices`. */
export function pick<T>(random: () => number, choices: readonly T[]): T {
  return choices[below(random, choices.length)]!;
}

/** `size` bytes in which no two blocks of 64 KiB are alike. */
export function randomBytes(size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size);
  for (let at = 0; at < size; at += 65536) {
    crypto.getRandomValues(bytes.subarray(at, Math.min(size, at + 65536)));
  }
  return bytes;
}

/** `bytes` in pieces of 1 to `longest` bytes. */
export function chop(random: () => number, bytes: Uint8Array, longest: number): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length;) {
    const next = at + 1 + below(random, longest);
    chunks.push(bytes.subarray(at, next));
    at = next;
  }
  return chunks;
}

/** SHA-256 in hexadecimal. */
export async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
