/** What a process holds: descriptors and memory, as Linux reports them. */
import { DEADLINE, until } from "./wait.ts";

/** Open descriptors of a process. */
export function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Open sockets of a process; unlike files, none is opened by the runtime itself. */
export function sockets(pid: number): number {
  const folder = `/proc/${pid}/fd`;
  let count = 0;
  for (const { name } of Deno.readDirSync(folder)) {
    try {
      if (Deno.readLinkSync(`${folder}/${name}`).startsWith("socket:")) count++;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error; // closed since it was listed
    }
  }
  return count;
}

/** Resident memory of a process, bytes. */
export function rss(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

/** Waits until a process has no more than `count` descriptors open. */
export async function descriptorsBackTo(count: number, pid: number, ms = DEADLINE): Promise<void> {
  const back = () => descriptors(pid) <= count;
  await until(back, `at most ${count} descriptors`, ms).catch((error) => {
    throw new Error(`${descriptors(pid)} are open`, { cause: error });
  });
}
