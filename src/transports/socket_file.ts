/** Unix sockets that are bound: to a file, which is theirs alone, or to an abstract name. */
import { isAbstract } from "../address/socket_path.ts";
import { UnavailableError } from "../core/errors.ts";
import { unavailable } from "./failure.ts";
import { connectByLibc, needsLibc } from "./libc_stream.ts";
import { pathInUse, unixBindFailure } from "./listen_failure.ts";
import { setUmask } from "./umask.ts";
import type { UnixAddress } from "./unix_address.ts";

interface Closable {
  close(): void;
}

/**
 * Binds a socket with `bind`. A stale socket at its path, whose owner is gone, is replaced; an
 * abstract name has no file, and is free as soon as its owner is gone.
 *
 * Rejects with an `UnavailableError` for a live socket and for any other file, and leaves both as
 * they are.
 *
 * @param mode Permission bits of the file.
 */
export async function bindUnix<S extends Closable>(
  address: UnixAddress,
  mode: number,
  bind: () => S,
): Promise<BoundUnix<S>> {
  const { path, text } = address;
  if (!isAbstract(path)) await removeStale(address);
  // The file must never have wider permissions, not even until the chmod below.
  const umask = isAbstract(path) ? undefined : setUmask(0o777 & ~mode);
  let socket: S;
  try {
    socket = bind();
  } catch (error) {
    throw unixBindFailure(text, path, error);
  } finally {
    if (umask !== undefined) setUmask(umask);
  }
  if (umask !== undefined) Deno.chmodSync(path, mode);
  return new BoundUnix(socket, path);
}

async function removeStale(address: UnixAddress): Promise<void> {
  const { path, text } = address;
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch {
    return; // No such file, or an unreadable directory: binding reports what is wrong.
  }
  if (!info.isSocket) {
    throw new UnavailableError("listen", text, "the path exists and is no socket; left as it is");
  }
  const found = await probe(address).catch((error) => {
    throw unavailable("listen", text, error);
  });
  if (found === "stale") return await Deno.remove(path);
  throw pathInUse(text, path);
}

/** What is at the path of a socket, whose owner may be gone. Rejects with the system's error. */
async function probe(address: UnixAddress): Promise<"stale" | "stream" | "datagrams"> {
  const { path } = address;
  try {
    const byLibc = needsLibc(address);
    (byLibc ? connectByLibc(path) : await Deno.connect({ transport: "unix", path })).close();
    return "stream";
  } catch (error) {
    const { code } = error as Error & { code?: string };
    if (code === "ECONNREFUSED") return "stale";
    if (code === "EAGAIN") return "stream"; // Its backlog is full.
    if (isOtherType(error)) return "datagrams";
    throw error;
  }
}

/** Whether connecting failed as a socket of another type is there; an error without a code. */
export function isOtherType(error: unknown): boolean {
  return /^protocol wrong type/i.test((error as Error).message);
}

/** Sockets whose files haven't been removed. */
const boundSockets = new Set<BoundUnix<Closable>>();

// Runs however the program exits.
globalThis.addEventListener("unload", () => {
  for (const bound of boundSockets) bound.close();
});

/** A bound socket, and the file that is removed with it. */
export class BoundUnix<S extends Closable> {
  readonly #inode: number | null;

  constructor(readonly socket: S, private readonly path: string) {
    this.#inode = inodeOf(path);
    boundSockets.add(this);
  }

  /**
   * Closes the socket and removes its file. The runtime's close removes any socket at the path: if
   * another process's is there now, the descriptor stays open instead, out of peers' reach.
   */
  close(): void {
    if (!boundSockets.delete(this) || inodeOf(this.path) !== this.#inode) return;
    this.socket.close();
    if (this.#inode === null) return;
    try {
      Deno.removeSync(this.path);
    } catch {
      // Removed already: the runtime's close does it on some systems.
    }
  }
}

/** The inode of a path's file, or null where it has none. */
function inodeOf(path: string): number | null {
  if (isAbstract(path)) return null;
  try {
    return Deno.lstatSync(path).ino;
  } catch {
    return null;
  }
}
