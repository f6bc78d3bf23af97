/** Pipes that carry much: in a larger one, writer and reader wait less often for each other. */
import { libc } from "./libc.ts";
import { platform } from "../platform/platform.ts";

/** Sets the capacity of a pipe (fcntl(2), Linux). */
const F_SETPIPE_SZ = 1031;
/** The most that any user may set (pipe(7), `pipe-max-size`), bytes; a new pipe has 64 KiB. */
const CAPACITY = 2 ** 20;
/** What has passed before a pipe counts as one that carries much, bytes. */
const MUCH = 2 ** 18;

/** A descriptor that may be a pipe. */
export class Pipe {
  #carried = 0;

  constructor(private readonly descriptor: number) {}

  /** Records that bytes have passed. Where they become many, the pipe is made larger. */
  carried(count: number): void {
    if (this.#carried >= MUCH) return;
    this.#carried += count;
    // Anything else than a pipe refuses, and so does a user's limit: then all stays as it is.
    if (this.#carried >= MUCH && platform().linuxSockets) {
      libc()?.fcntl(this.descriptor, F_SETPIPE_SZ, CAPACITY);
    }
  }
}
