/** What a process holds: descriptors and memory, as Linux tells them. */
import { until } from "./wait.ts";

/** Open descriptors of a process. */
export function descriptors(pid: number): number {
  return [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
}

/** Resident memory of a process, bytes. */
export function rss(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)![1]) * 1024;
}

/** Waits until a process has no more than `count` descriptors open. */
export async function descriptorsBackTo(count: number, pid: number, ms = 1000): Promise<void> {
  const back = () => descriptors(pid) <= count;
  await until(back, `at most ${count} descriptors`, ms).catch((error) => {
    throw new Error(`${descriptors(pid)} are open`, { cause: error });
  });
}
