/** What lists of addresses ask the system for: files, names, and time. */
import type { Log } from "../core/log.ts";
import { reasonOfSystem } from "../transports/failure.ts";
import { readWhole } from "../transports/fifo.ts";
import { resolve } from "../transports/resolve.ts";
import type { FileStamp, HostFunctions } from "./list_file.ts";

/** A look at a file's status takes microseconds, and a change counts within a second. */
const INTERVAL = 250;
/** No file system's clock is coarser, milliseconds (FAT). */
const COARSEST = 2000;

/** The system's files, names and clock. */
export function hostFunctions(log: Log): HostFunctions {
  return {
    log,
    resolve: (name) => resolve(name, name, { log }),
    read: async (path) => new TextDecoder().decode(await told(readWhole(path))),
    stamp: async (path) => stampOf(await told(Deno.stat(path))),
    // For as long as the process lives, and no reason for it to live.
    poll: (look) => Deno.unrefTimer(setInterval(look, INTERVAL)),
  };
}

/** A file that was replaced has another inode, one that was written another time of change. */
function stampOf(info: Deno.FileInfo): FileStamp | undefined {
  if (!info.isFile) return undefined;
  const { dev, ino, size, mtime, ctime } = info;
  const changed = Math.max(Number(mtime), Number(ctime));
  return {
    id: [dev, ino, size, Number(mtime), Number(ctime)].join(" "),
    recent: Date.now() - changed < COARSEST,
  };
}

/** The same, rejecting in the system's words. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(reasonOfSystem(error as Error));
  }
}
