/** Linux's `/proc` (proc(5)), through the C library: the runtime keeps programs away from it. */
import { platform } from "../platform/platform.ts";
import { libc } from "./libc.ts";

/** The most that is read of one file, bytes. */
const LARGEST = 4 << 20;
const BUFFER = 64 * 1024;
/** `O_DIRECTORY` isn't needed to open a folder for reading. */
const READ_ONLY = 0;

/** The text of a file; empty where it can't be read. */
export function readProc(path: string): string {
  const decoder = new TextDecoder();
  let text = "";
  let left = LARGEST;
  eachRead(path, "read", (bytes) => {
    text += decoder.decode(bytes, { stream: true });
    left -= bytes.length;
    return left > 0;
  });
  return text;
}

/**
 * The ids of all process groups with a process that runs; undefined where that can't be told. A
 * zombie doesn't run, though signals find it.
 */
export function runningGroups(): Set<number> | undefined {
  if (!platform().linuxSockets) return undefined;
  const groups = new Set<number>();
  for (const name of namesIn("/proc").filter((name) => /^\d+$/.test(name))) {
    // A command's name is in parentheses, and may have any character.
    const [state, , group] = readProc(`/proc/${name}/stat`).split(") ").at(-1)!.split(" ");
    if (group !== undefined && state !== "Z" && state !== "X") groups.add(Number(group));
  }
  return groups.size > 0 ? groups : undefined;
}

/** The names in a folder, as `getdents64(2)` has them; empty where it can't be read. */
function namesIn(path: string): string[] {
  const names: string[] = [];
  const decoder = new TextDecoder();
  eachRead(path, "getdents64", (entries) => {
    const view = new DataView(entries.buffer, entries.byteOffset, entries.length);
    for (let at = 0; at < entries.length;) {
      const size = view.getUint16(at + 16, true);
      const name = entries.subarray(at + 19, at + size);
      names.push(decoder.decode(name.subarray(0, name.indexOf(0))));
      at += size;
    }
    return true;
  });
  return names;
}

/** Calls `take` with each piece, valid during the call, until it returns false. */
function eachRead(
  path: string,
  call: "read" | "getdents64",
  take: (bytes: Uint8Array<ArrayBuffer>) => boolean,
): void {
  const calls = libc();
  const descriptor = calls?.open(new TextEncoder().encode(`${path}\0`), READ_ONLY) ?? -1;
  const read = calls?.[call];
  if (!calls || !read || descriptor < 0) return;
  const buffer = new Uint8Array(BUFFER);
  for (;;) {
    const count = Number(read(descriptor, buffer, BigInt(BUFFER)));
    if (count <= 0 || !take(buffer.subarray(0, count))) break;
  }
  calls.close(descriptor);
}
