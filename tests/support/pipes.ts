/** What Linux tells of pipes. */
import { libc } from "../../src/transports/libc.ts";

const O_NONBLOCK = 0x800;
/** Gets the capacity of a pipe (fcntl(2), Linux). */
const F_GETPIPE_SZ = 1032;

libc(); // It stays open from its first use on, which the test's leak check would report.

/** The capacity of the pipe that is a descriptor of a process, bytes. */
export function capacityOf(process: number, descriptor: number): number {
  const path = new TextEncoder().encode(`/proc/${process}/fd/${descriptor}\0`);
  const number = libc()!.open(path, O_NONBLOCK);
  try {
    return libc()!.fcntl(number, F_GETPIPE_SZ, 0);
  } finally {
    libc()!.close(number);
  }
}
