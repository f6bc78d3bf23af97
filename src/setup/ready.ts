/** `--ready-file`: the bound addresses, for programs that wait for them. */
import { LocalError, reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOfMaking } from "../transports/failure.ts";
import { isFifo, writeFifo } from "../transports/fifo.ts";
import type { Right } from "../transports/rights.ts";

/**
 * Writes the addresses to the file, a line each. A FIFO is written in the background, because its
 * reader may come late; resolves with the rights that this needs. Rejects with a `LocalError`.
 */
export async function writeReadyFile(
  path: string,
  bound: readonly string[],
  log: Log,
): Promise<Right[]> {
  const lines = new TextEncoder().encode(bound.map((address) => address + "\n").join(""));
  const isPipe = await isFifo(path);
  const writing = (isPipe ? writeFifo(path, lines) : Deno.writeFile(path, lines)).catch((error) => {
    throw new LocalError("write", path, reasonOfMaking(path, error), { cause: error });
  });
  if (!isPipe) await writing;
  else writing.catch((error) => log.error("ready-failed", reasonOf(error)));
  return isPipe ? ["write"] : [];
}
