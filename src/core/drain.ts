/** Reading for the sake of the end alone. */
import type { Duplex } from "./duplex.ts";

const SIZE = 16 * 1024;

/** Reads to EOF and drops the bytes. Rejects as `read` does. */
export async function drain(source: Pick<Duplex, "read">): Promise<void> {
  const buffer = new Uint8Array(SIZE);
  while (await source.read(buffer) !== null);
}
