/** Reads an exact number of bytes, for handshakes that must not take a byte of the payload. */
import type { Duplex } from "./duplex.ts";
import { BrokenError, LeftError } from "./errors.ts";

/** Resolves with exactly `count` bytes. Rejects with a `BrokenError` at an earlier EOF. */
export async function takeExactly(source: Duplex, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  for (let at = 0; at < count;) {
    const read = await source.read(bytes.subarray(at));
    if (read === null) throw new BrokenError("receive from", source.peer, "unexpected end");
    at += read;
  }
  return bytes;
}

/** Resolves with the first byte of a handshake. Rejects with a `LeftError` at EOF before it. */
export async function takeFirst(source: Duplex, stage: string): Promise<Uint8Array> {
  const byte = new Uint8Array(1);
  for (;;) {
    const read = await source.read(byte);
    if (read === null) throw new LeftError(stage, source.peer, "left without a request");
    if (read > 0) return byte;
  }
}
