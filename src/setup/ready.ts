/** `--ready-file`: the bound addresses, for programs that wait for them. */
import type { FileHandle } from "node:fs/promises";
import { LocalError, reasonOf } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOfMaking } from "../transports/system_reason.ts";
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
  const fail = (error: Error) => {
    throw new LocalError("write", path, reasonOfMaking(path, error), { cause: error });
  };
  if (!await isFifo(path)) {
    await Deno.writeFile(path, lines).catch(fail);
    return [];
  }
  const held = await openedNow(path).catch(fail);
  writeFifo(path, lines).catch(fail).catch((error) => log.error("ready-failed", reasonOf(error)))
    .finally(() => held?.close());
  return ["write"];
}

/**
 * A FIFO that has a reader, which would see an end if this were closed before the lines are
 * written; undefined where none has come yet. Rejects where the FIFO can't be written at all.
 */
async function openedNow(path: string): Promise<FileHandle | undefined> {
  const { constants, open } = await import("node:fs/promises");
  try {
    return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
  } catch (error) {
    if ((error as { code?: string }).code === "ENXIO") return undefined;
    throw error;
  }
}
