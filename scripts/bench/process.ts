/** What a running process takes, as Linux tells it. */

/** Memory that is really there, KiB. */
export async function residentKiB(pid: number): Promise<number> {
  const status = await Deno.readTextFile(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB$/m.exec(status)![1]);
}

/** Length of the clock tick in which Linux counts processor time, milliseconds. */
const TICK = 10;

/** Processor time so far, user and system, milliseconds. */
export async function processorTime(pid: number): Promise<number> {
  const stat = await Deno.readTextFile(`/proc/${pid}/stat`);
  // The name may hold blanks; it stands in parentheses before everything else (proc(5)).
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK;
}
