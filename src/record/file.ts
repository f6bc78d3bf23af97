/** Creates the files of recordings and exports: private, and never over another by accident. */
import { concat } from "../core/bytes.ts";
import { LocalError } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";
import { reasonOfMaking, reasonOfSystem } from "../transports/system_reason.ts";
import { isFifo, writeFifo } from "../transports/fifo.ts";
import { stdio } from "../transports/stdio.ts";
import { STANDARD_STREAM } from "../flags/kinds.ts";

/** Readable by the owner alone: a recording holds what connections carried. */
export const MODE = 0o600;

/** Why a file can't be created. */
export function creationError(path: string, cause: Error, reason: string): LocalError {
  const exists = (cause as { code?: string }).code === "EEXIST";
  const why = exists ? "the file exists; --force overwrites it" : reason;
  return new LocalError("create", path, why, { cause });
}

/**
 * Creates a file that only its owner can read, and writes all of `chunks`. `force` overwrites an
 * existing file, and writes to a FIFO, which waits for its reader. `-` is stdout. Rejects with a
 * `LocalError`.
 */
export async function writeFile(
  path: string,
  force: boolean,
  chunks: Iterable<Uint8Array>,
): Promise<void> {
  if (path === STANDARD_STREAM) {
    for (const chunk of chunks) await stdio.write(chunk);
    return;
  }
  try {
    if (force && await isFifo(path)) return await writeFifo(path, concat([...chunks]));
    using file = await createFile(path, force);
    for (const chunk of chunks) {
      for (let rest = chunk; rest.length > 0;) rest = rest.subarray(await file.write(rest));
    }
  } catch (error) {
    if (error instanceof LocalError) throw error;
    throw new LocalError("write", path, reasonOfSystem(error as Error), { cause: error });
  }
}

async function createFile(path: string, force: boolean): Promise<Deno.FsFile> {
  try {
    const flags = force ? { create: true, truncate: true } : { createNew: true };
    const file = await Deno.open(path, { write: true, mode: MODE, ...flags });
    // An existing file may be readable by others. Devices and FIFOs keep their mode.
    const isFile = (await file.stat()).isFile;
    if (force && isFile && platform().fileModes) await Deno.chmod(path, MODE);
    return file;
  } catch (error) {
    throw creationError(path, error as Error, reasonOfMaking(path, error as Error));
  }
}
