/** Reading for the sake of the end alone. */
import type { Duplex } from "./duplex.ts";

const SIZE = 16 * 1024;

/** Reads to EOF, `size` bytes at most at once, and drops them. Rejects as `read` does. */
export async function drain(source: Pick<Duplex, "read">, size = SIZE): Promise<void> {
  const buffer = new Uint8Array(size);
  while (await source.read(buffer) !== null);
}
