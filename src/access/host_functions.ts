/** What lists of addresses need from the system: files, names, and time. */
import type { Log } from "../core/log.ts";
import { reasonOfSystem } from "../transports/system_reason.ts";
import { readWhole } from "../transports/fifo.ts";
import { resolve } from "../transports/resolve.ts";
import type { FileStamp, HostFunctions } from "./list_file.ts";

/** Time between two checks of a file's status, milliseconds: one takes microseconds. */
const POLL_INTERVAL = 250;
/** The coarsest clock of a file system, that of FAT, milliseconds. */
const COARSEST_CLOCK = 2000;

/** The system's files, names and clock. */
export function hostFunctions(log: Log): HostFunctions {
  return {
    log,
    resolve: (name) => resolve(name, name, { log }),
    read: async (path) => new TextDecoder().decode(await withSystemReason(readWhole(path))),
    stamp: async (path) => stampOf(await withSystemReason(Deno.stat(path))),
    // Polls as long as the process lives, without keeping it alive.
    poll: (check) => Deno.unrefTimer(setInterval(check, POLL_INTERVAL)),
  };
}

/** The stamp of a regular file: a new file has another inode, a changed one another time. */
function stampOf(info: Deno.FileInfo): FileStamp | undefined {
  if (!info.isFile) return undefined;
  const { dev, ino, size, mtime, ctime } = info;
  const changed = Math.max(Number(mtime), Number(ctime));
  return {
    id: [dev, ino, size, Number(mtime), Number(ctime)].join(" "),
    recent: Date.now() - changed < COARSEST_CLOCK,
  };
}

/** `work`, whose error gets the system's reason as its message. */
async function withSystemReason<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new Error(reasonOfSystem(error as Error));
  }
}
