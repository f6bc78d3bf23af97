/** Pipes that carry much: in a larger one, writer and reader wait less often for each other. */
import { CAREFULLY, type Libc, libc } from "./libc.ts";
import { platform } from "../platform/platform.ts";

/** Set and get the capacity of a pipe (fcntl(2), Linux). */
const F_SETPIPE_SZ = 1031;
const F_GETPIPE_SZ = 1032;
/** The most that any user may set (pipe(7), `pipe-max-size`), bytes; a new pipe has 64 KiB. */
const CAPACITY = 2 ** 20;
/** What has passed before a pipe counts as one that carries much, bytes. */
const MUCH = 2 ** 18;

/** What may be a pipe. */
export class Pipe {
  #carried = 0;

  private constructor(private readonly enlarge: (calls: Libc) => void) {}

  /** A descriptor of this process. */
  static of(descriptor: number): Pipe {
    return new Pipe((calls) => setCapacity(calls, descriptor));
  }

  /** The stdout of a child, whose descriptor the runtime keeps to itself. */
  static outputOf(child: number): Pipe {
    return new Pipe((calls) => {
      const descriptor = calls.open(new TextEncoder().encode(`/proc/${child}/fd/1\0`), CAREFULLY);
      if (descriptor < 0) return; // It has exited, or closed its stdout.
      setCapacity(calls, descriptor);
      calls.close(descriptor);
    });
  }

  /** Records that bytes have passed. Where they become many, the pipe is made larger. */
  carried(count: number): void {
    if (this.#carried >= MUCH) return;
    this.#carried += count;
    if (this.#carried < MUCH || !platform().linuxSockets) return;
    const calls = libc();
    if (calls) this.enlarge(calls);
  }
}

/** Anything else than a pipe refuses, and so does a user's limit: then all stays as it is. */
function setCapacity(calls: Libc, descriptor: number): void {
  if (calls.fcntl(descriptor, F_GETPIPE_SZ, 0) >= CAPACITY) return; // The superuser may set more.
  calls.fcntl(descriptor, F_SETPIPE_SZ, CAPACITY);
}
