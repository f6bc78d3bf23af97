/** How much memory this process may take. */

/** Where Linux shows the limits of control groups, version 2 (cgroups(7)). */
const GROUPS = "/sys/fs/cgroup";

/** The machine's memory, or what its control groups leave of it, bytes; 0 where it isn't known. */
export function memoryLimit(): number {
  try {
    const { total } = Deno.systemMemoryInfo();
    return Math.min(total, ...groupLimits(Deno.readTextFileSync));
  } catch {
    return 0;
  }
}

/**
 * The limits of this process's control group and of those around it, bytes.
 *
 * @param read Returns the text of a file, or throws.
 */
export function groupLimits(read: (path: string) => string): number[] {
  const limits: number[] = [];
  try {
    let group = /^0::(.*)$/m.exec(read("/proc/self/cgroup"))?.[1];
    while (group) {
      limits.push(limitOf(`${GROUPS}${group}/memory.max`, read));
      group = group.slice(0, group.lastIndexOf("/"));
    }
    limits.push(limitOf(`${GROUPS}/memory.max`, read));
  } catch {
    // Not Linux, or an older kind of control groups: the machine's memory is what is known.
  }
  return limits;
}

/** Without a limit the file says "max"; the outermost group has none. */
function limitOf(path: string, read: (path: string) => string): number {
  try {
    return Number(/^\d+/.exec(read(path))?.[0] ?? Infinity);
  } catch {
    return Infinity;
  }
}
