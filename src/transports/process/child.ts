/** A child process as a connection: writes go to its stdin, reads come from its stdout. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError, CommandError, ReaderGoneError } from "../../core/errors.ts";
import { Remainder } from "../../core/remainder.ts";
import { settledWithin } from "../../core/time.ts";
import { broken } from "../failure.ts";
import { Pipe } from "../pipe.ts";
import type { ProcessGroup } from "./group.ts";

/** Milliseconds to wait, at EOF of stdout, for the status of a child that is about to exit. */
const STATUS_WAIT = 100;
/** Bytes read at once: as many as a new pipe holds, and more once such a read was full. */
const READ_SIZE = 65_536;
const LARGE_READ_SIZE = 262_144;
/** Milliseconds to read what a child has written before it exited. */
const UNREAD_WAIT = 2000;

export class Child implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly own = true;
  readonly readerGone: Promise<void>;
  readonly closed: Promise<Error | void>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamBYOBReader;
  readonly #output: Pipe;
  /** What is read into; a new one for each read would keep the garbage collector busy. */
  #buffer = new Uint8Array(READ_SIZE);
  readonly #readerGone = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly #unread = new Remainder();
  /** Whether EOF of stdout has been read: no process holds it open any more. */
  #receivedEof = false;
  #isClosed = false;
  #reason: Error | undefined;
  /** Resolves when nothing more is read: at EOF of stdout, or at `close`. */
  readonly #stdoutOver = Promise.withResolvers<void>();
  /** Resolves when `close` gets a reason, and then the child isn't waited for. */
  readonly #closedWithReason = Promise.withResolvers<void>();

  /** @param peer The address that names the command. */
  constructor(
    private readonly process: Deno.ChildProcess,
    private readonly group: ProcessGroup,
    readonly peer: string,
  ) {
    this.#stdin = process.stdin.getWriter();
    this.#output = Pipe.outputOf(process.pid);
    this.#stdout = process.stdout.getReader({ mode: "byob" });
    this.readerGone = this.#readerGone.promise;
    this.closed = this.#closed.promise;
    this.closed.catch(() => {}); // It may never be awaited.
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      while (this.#unread.isEmpty) {
        const { value, done } = await this.#stdout.read(this.#buffer);
        if (value) this.#buffer = new Uint8Array(value.buffer); // The read has taken it over.
        if (done) return await this.#onEof();
        const { buffer: memory, length } = value;
        const isFull = length === memory.byteLength && length < LARGE_READ_SIZE;
        if (isFull) this.#buffer = new Uint8Array(LARGE_READ_SIZE);
        this.#output.carried(length);
        this.#unread.set(value);
      }
    } catch (error) {
      if (!this.#isClosed) throw broken("receive from", this.peer, error);
      if (this.#reason) throw this.#reason;
      return null;
    }
    return this.#unread.moveTo(buffer);
  }

  /** Yields EOF, or throws if the child has failed: its status is part of the end of stream. */
  async #onEof(): Promise<null> {
    if (!this.#isClosed) {
      this.#receivedEof = true;
      this.#stdoutOver.resolve();
      this.process.status.then(() => this.#readerGone.resolve());
    }
    const status = await settledWithin(this.process.status, STATUS_WAIT);
    if (status && !this.#isClosed) this.#throwIfFailed(status);
    if (this.#reason) throw this.#reason;
    return null;
  }

  #throwIfFailed({ success, signal, code }: Deno.CommandStatus): void {
    if (success) return;
    if (signal) throw new BrokenError("run", this.peer, `the command was ended by ${signal}`);
    throw new CommandError("run", this.peer, `the command exited with ${code}`);
  }

  /** Rejects, once the child reads no more, with its failure or a `ReaderGoneError`. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#stdin.write(bytes);
      await this.#stdin.ready; // The runtime reports a failed write only here.
    } catch (error) {
      if (this.#reason) throw this.#reason;
      // It may have closed its stdin, as `head` does, and still have output.
      this.#readerGone.resolve();
      const status = await this.process.status;
      await settledWithin(this.#stdoutOver.promise, UNREAD_WAIT);
      if (this.#reason) throw this.#reason;
      this.#throwIfFailed(status);
      throw new ReaderGoneError(this.peer, { cause: error });
    }
  }

  async closeWrite(): Promise<void> {
    // Fails if the child has exited, which closed its stdin.
    await this.#stdin.close().catch(() => {});
  }

  /** Waits for the child to exit, or terminates it if there is a reason, also a later one. */
  close(reason?: Error): void {
    if (reason) {
      this.#reason ??= reason;
      this.#closedWithReason.resolve();
    }
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stdoutOver.resolve();
    this.#finish().then(() => this.#closed.resolve(this.#reason), this.#closed.reject);
  }

  async #finish(): Promise<void> {
    // Before it could take an EOF for the end of all that there was.
    if (this.#reason) this.group.kill("SIGTERM");
    this.#stdin.close().catch(() => {});
    this.#stdout.cancel().catch(() => {});
    const exited = await Promise.race([this.process.status, this.#closedWithReason.promise]);
    if (!exited || !this.#receivedEof) await this.group.terminate(); // Others may hold the pipe.
    const status = await this.process.status;
    this.group.release();
    // Without EOF, our close of its stdout may have made it fail (SIGPIPE).
    if (!this.#reason && this.#receivedEof) this.#throwIfFailed(status);
  }
}
