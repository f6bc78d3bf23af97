/** `--ready-file`: what was bound, for whoever waits for it. */
import { LocalError, reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOfSystem } from "../transports/failure.ts";
import { isFifo, writeFifo } from "../transports/fifo.ts";
import type { Right } from "../transports/rights.ts";

/**
 * Writes the addresses to the file, a line each, and resolves with the rights that this goes on to
 * need: the reader of a FIFO may come late, which holds up nobody. Rejects with a `LocalError`.
 */
export async function writeReadyFile(
  path: string,
  bound: readonly string[],
  log: Log,
): Promise<Right[]> {
  const lines = new TextEncoder().encode(bound.map((address) => address + "\n").join(""));
  const waits = await isFifo(path);
  const writing = (waits ? writeFifo(path, lines) : Deno.writeFile(path, lines)).catch((error) => {
    throw new LocalError("write", path, reasonOfSystem(error), { cause: error });
  });
  if (!waits) await writing;
  else writing.catch((error) => log.error("ready-failed", reasonOf(error)));
  return waits ? ["write"] : [];
}
