/** Memory and processor time of a process, from Linux's /proc. */

/** Resident memory, KiB (proc(5)). */
export async function residentKiB(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]);
}

/** Linux's clock tick for processor time, milliseconds. */
const TICK = 10;

/** User and system time so far, milliseconds. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name, in parentheses, may have blanks; all other fields follow it (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}
