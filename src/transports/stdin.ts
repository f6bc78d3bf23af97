/**
 * Stdin, of which no read loses anything, whatever it is. It may be non-blocking: whoever else has
 * the same terminal, pipe or socket open can make it so for all (O_NONBLOCK, fcntl(2)).
 */
import { sleep } from "../core/time.ts";
import { platform } from "../platform/platform.ts";
import { F_GETFL, type Libc, libc, O_ACCMODE, POLLIN } from "./libc.ts";

const STDIN = 0;
const O_WRONLY = 1;
/** What any packet of a pipe fits into (PIPE_BUF, pipe(7), pipe2(2)), bytes. */
const PACKET_SIZE = 4096;
/** Level, name and value of a socket's type (socket(7), Linux). */
const SOL_SOCKET = 1;
const SO_TYPE = 3;
const SOCK_STREAM = 1;

/** Wait before the next try where the system can't tell when it will succeed, milliseconds. */
const NEXT_TRY = 10;
/** How long one wait for input lasts at most, milliseconds. */
const LONGEST_WAIT = 1000;

/** Takes input in whole messages or packets, or null at the end. */
type Receive = () => Promise<Uint8Array | null>;

/**
 * Reads of stdin, one after the other, however many connections share it. The system drops what
 * doesn't fit into the read of a message, or of a packet: pipes of packets look like others to
 * their reader.
 */
class Stdin {
  #receive: Receive | undefined;
  #isStream = true;
  /** What didn't fit into the buffers of earlier reads. */
  #rest = new Uint8Array();
  #lastRead: Promise<unknown> = Promise.resolve();

  /** Reads once there is something to read, or its end. Rejects with the system's error. */
  read(buffer: Uint8Array): Promise<number | null> {
    const reading = this.#lastRead.then(() => this.#read(buffer));
    this.#lastRead = reading.catch(() => {});
    return reading;
  }

  async #read(buffer: Uint8Array): Promise<number | null> {
    this.#receive ??= await this.#receiver();
    if (this.#rest.length === 0) {
      if (this.#isStream && buffer.length >= PACKET_SIZE) return await readPatiently(buffer);
      const message = await this.#receive();
      if (message === null) return null;
      this.#rest = message as Uint8Array<ArrayBuffer>;
    }
    const part = this.#rest.subarray(0, buffer.length);
    buffer.set(part);
    this.#rest = this.#rest.subarray(part.length);
    return part.length;
  }

  async #receiver(): Promise<Receive> {
    const calls = linuxCalls();
    this.#isStream = !calls || !isMessageSocket(calls);
    if (!this.#isStream) {
      const { messagesOf } = await import("./message_input.ts");
      return messagesOf(calls!, STDIN, inputReady);
    }
    const packet = new Uint8Array(PACKET_SIZE);
    return async () => {
      const count = await readPatiently(packet);
      return count === null ? null : packet.subarray(0, count);
    };
  }
}

/** The process's stdin. */
export const stdin = new Stdin();

function isMessageSocket(calls: Libc): boolean {
  const type = new Int32Array(1);
  const isSocket = calls.getsockopt(STDIN, SOL_SOCKET, SO_TYPE, type, new Uint32Array([4])) === 0;
  return isSocket && type[0] !== SOCK_STREAM;
}

async function readPatiently(buffer: Uint8Array): Promise<number | null> {
  for (;;) {
    try {
      return await Deno.stdin.read(buffer);
    } catch (error) {
      if ((error as { code?: string }).code === "EBADF") return refused(error);
      if (!(error instanceof Deno.errors.WouldBlock)) throw error;
      await inputReady();
    }
  }
}

/** The end, for a descriptor that is closed; throws for one that is open, but not for reading. */
function refused(error: unknown): null {
  const flags = linuxCalls()?.fcntl(STDIN, F_GETFL, 0) ?? -1;
  if (flags < 0) return null;
  throw (flags & O_ACCMODE) === O_WRONLY ? new Error("it is open for writing only") : error;
}

async function inputReady(): Promise<void> {
  const table = new Int32Array([STDIN, POLLIN]); // A `struct pollfd` (poll(2)).
  if (await libc()?.poll(table, 1n, LONGEST_WAIT) === undefined) await sleep(NEXT_TRY);
}

/** The C library, where the numbers above are right. */
function linuxCalls(): Libc | undefined {
  return platform().linuxSockets ? libc() : undefined;
}
