/** Files that a recording or an export is written to: private, and never over another by accident. */
import { LocalError } from "../core/errors.ts";
import { reasonOfSystem } from "../transports/failure.ts";

/** What others recorded is nobody else's business. */
const MODE = 0o600;

/**
 * Creates a file that only its owner can read; `force` empties one that is there already. Throws a
 * `LocalError`.
 */
export function createFile(path: string, force: boolean): Deno.FsFile {
  try {
    const file = Deno.openSync(path, {
      write: true,
      mode: MODE,
      ...(force ? { create: true, truncate: true } : { createNew: true }),
    });
    // One that was there may have been open to others. Devices and pipes are as they are.
    if (force && Deno.build.os !== "windows" && file.statSync().isFile) Deno.chmodSync(path, MODE);
    return file;
  } catch (error) {
    const exists = error instanceof Deno.errors.AlreadyExists;
    const reason = exists
      ? "the file exists; --force overwrites it"
      : reasonOfSystem(error as Error);
    throw new LocalError("create", path, reason, { cause: error });
  }
}

/** Writes all of `bytes`, or throws as the system says. */
export function writeAllSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
}

/** Creates a file as `createFile` does, and writes all of `chunks`. Throws a `LocalError`. */
export function writeFile(path: string, force: boolean, chunks: Iterable<Uint8Array>): void {
  using file = createFile(path, force);
  try {
    for (const chunk of chunks) writeAllSync(file, chunk);
  } catch (error) {
    throw new LocalError("write", path, reasonOfSystem(error as Error), { cause: error });
  }
}
