/** Reads an exact number of bytes, for handshakes that must not take a byte of the payload. */
import type { Duplex } from "./duplex.ts";
import { BrokenError } from "./errors.ts";

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
