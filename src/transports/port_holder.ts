/** Which process listens on a port or a path, where Linux's `/proc` tells (proc(5)). */
import { platform } from "../platform/platform.ts";
import { readProc } from "./proc.ts";

/** A row of `/proc/net/…`: where its socket is bound, and the socket's inode. */
interface Row {
  readonly columns: readonly string[];
  readonly inode: string;
}

/** States of sockets that hold a port (`tcp_states.h`): listening, and unconnected UDP. */
const STATES = { tcp: "0A", udp: "07" } as const;
/** The flag of a Unix socket that listens, and the type of one for datagrams. */
const LISTENING = "00010000";
const DATAGRAMS = "0002";

/** `sshd (process 12)` for who holds a port; undefined where nobody can tell. Never throws. */
export function portHolder(protocol: "tcp" | "udp", port: number): string | undefined {
  const place = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return holderOf([protocol, `${protocol}6`], 9, ({ columns }) => {
    return columns[1]!.endsWith(place) && columns[3] === STATES[protocol];
  });
}

/** Who has a Unix socket's path or `@name`, as `portHolder` tells it. */
export function pathHolder(path: string): string | undefined {
  let absolute: string | undefined;
  return holderOf(["unix"], 6, ({ columns }) => {
    absolute ??= absoluteOf(path);
    const isThere = columns[7] === path || columns[7] === absolute;
    return isThere && (columns[3] === LISTENING || columns[4] === DATAGRAMS);
  });
}

/** What the runtime makes of a relative path. */
function absoluteOf(path: string): string {
  return /^[/@]/.test(path) ? path : `${Deno.cwd()}/${path.replace(/^(?:\.\/)+/, "")}`;
}

function holderOf(
  files: readonly string[],
  inodeColumn: number,
  isIt: (row: Row) => boolean,
): string | undefined {
  if (!platform().linuxSockets) return undefined;
  try {
    const rows = files.flatMap((file) => rowsOf(`/proc/net/${file}`, inodeColumn));
    const inodes = new Set(rows.filter(isIt).map(({ inode }) => `socket:[${inode}]`));
    const process = inodes.size > 0 ? processWith(inodes) : undefined;
    if (process === undefined) return undefined;
    if (process === `${Deno.pid}`) return "this command itself";
    return `${readProc(`/proc/${process}/comm`).trim()} (process ${process})`;
  } catch {
    return undefined; // Another user's process, or no right to look.
  }
}

function rowsOf(file: string, inodeColumn: number): Row[] {
  return readProc(file).split("\n").slice(1).map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length > inodeColumn)
    .map((columns) => ({ columns, inode: columns[inodeColumn]! }));
}

/** The id of the first process that has one of these sockets open. */
function processWith(sockets: ReadonlySet<string>): string | undefined {
  const processes = [...Deno.readDirSync("/proc")].filter(({ name }) => /^\d+$/.test(name));
  return processes.map(({ name }) => name).find((id) => {
    try {
      return [...Deno.readDirSync(`/proc/${id}/fd`)].some(({ name }) => {
        return sockets.has(linkOf(`/proc/${id}/fd/${name}`));
      });
    } catch {
      return false; // Another user's, or over.
    }
  });
}

function linkOf(path: string): string {
  try {
    return Deno.readLinkSync(path);
  } catch {
    return ""; // Closed meanwhile.
  }
}
