/**
 * Stdout and stderr that wait. Each may be non-blocking: whoever else has the same terminal, pipe
 * or socket open can make it so for all (O_NONBLOCK, fcntl(2)).
 */
import { platform } from "../platform/platform.ts";
import { F_GETFL, libc, libcIsOpen, O_ACCMODE } from "./libc.ts";

/** A request of fcntl(2), and flags of Linux. */
const F_SETFL = 4;
const O_NONBLOCK = 0x800;
const O_RDONLY = 0;

const STDOUT = 1;
const STDERR = 2;

interface Output {
  write(bytes: Uint8Array): Promise<number>;
  writeSync(bytes: Uint8Array): number;
}

/** What a pipe takes whole or not at all, bytes (PIPE_BUF, pipe(7)). */
const ATOMIC = 4096;

/**
 * Each write makes its stream blocking: from one that fails nobody learns what it has written. A
 * short line isn't worth opening the C library first, which a command has done at its start.
 */
class BlockingOutput implements Output {
  constructor(private readonly descriptor: number, private readonly output: () => Output) {}

  async write(bytes: Uint8Array): Promise<number> {
    this.#prepare(bytes);
    try {
      return await this.output().write(bytes);
    } catch (error) {
      this.#waitAfter(error);
      return await this.output().write(bytes);
    }
  }

  writeSync(bytes: Uint8Array): number {
    this.#prepare(bytes);
    try {
      return this.output().writeSync(bytes);
    } catch (error) {
      this.#waitAfter(error);
      return this.output().writeSync(bytes);
    }
  }

  #prepare({ length }: Uint8Array): void {
    if (libcIsOpen() || length > ATOMIC) makeBlocking(this.descriptor);
  }

  /** Makes the next write wait where a short one couldn't; throws any other error. */
  #waitAfter(error: unknown): void {
    if (libcIsOpen() || !(error instanceof Deno.errors.WouldBlock)) throw error;
    makeBlocking(this.descriptor);
  }
}

function makeBlocking(descriptor: number): void {
  const calls = platform().linuxSockets ? libc() : undefined;
  const flags = calls?.fcntl(descriptor, F_GETFL, 0) ?? -1;
  if (flags < 0) return;
  // The runtime takes for written what such a descriptor refuses. Of stderr nobody would learn it.
  const isReadOnly = (flags & O_ACCMODE) === O_RDONLY;
  if (isReadOnly && descriptor === STDOUT) throw new Error("it is open for reading only");
  if ((flags & O_NONBLOCK) !== 0) calls!.fcntl(descriptor, F_SETFL, flags & ~O_NONBLOCK);
}

export const stdout: Output = new BlockingOutput(STDOUT, () => Deno.stdout);
export const stderr: Output = new BlockingOutput(STDERR, () => Deno.stderr);
