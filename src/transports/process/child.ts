/** A child process as an end: its stdin and stdout are the connection. */
import type { Duplex } from "../../core/duplex.ts";
import { BrokenError, CommandError, ReaderGoneError } from "../../core/errors.ts";
import { Remainder } from "../../core/remainder.ts";
import { settledWithin } from "../../core/time.ts";
import { broken } from "../failure.ts";
import type { ProcessGroup } from "./group.ts";

/** A child that has closed its stdout is about to exit; its status is worth this long a wait. */
const STATUS_WAIT = 100;
/** A child that has exited may have said more than has been read; milliseconds to read it. */
const UNREAD_WAIT = 2000;

export class Child implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly own = true;
  readonly readerGone: Promise<void>;
  readonly closed: Promise<Error | void>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #enough = Promise.withResolvers<void>();
  readonly #settle = Promise.withResolvers<Error | void>();
  readonly #rest = new Remainder();
  /** The end of its stdout has been read: whatever runs on has let go of the connection. */
  #drained = false;
  #done = false;
  #reason: Error | undefined;
  /** Resolves when there is nothing more to read, because of that or of a close. */
  readonly #silent = Promise.withResolvers<void>();
  /** Resolves when there is a reason not to wait for it any longer. */
  readonly #hurry = Promise.withResolvers<void>();

  /** @param peer The address that it was started from. */
  constructor(
    private readonly process: Deno.ChildProcess,
    private readonly group: ProcessGroup,
    readonly peer: string,
  ) {
    this.#stdin = process.stdin.getWriter();
    this.#stdout = process.stdout.getReader();
    this.readerGone = this.#enough.promise;
    this.closed = this.#settle.promise;
    this.closed.catch(() => {}); // Whoever cares awaits it.
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      while (this.#rest.isEmpty) {
        const { value, done } = await this.#stdout.read();
        if (done) return await this.#ended();
        this.#rest.set(value);
      }
    } catch (error) {
      if (!this.#done) throw broken("receive from", this.peer, error);
      if (this.#reason) throw this.#reason;
      return null;
    }
    return this.#rest.moveTo(buffer);
  }

  /** The child's stdout is at its end; if the child is too, its status is part of that. */
  async #ended(): Promise<null> {
    if (!this.#done) {
      this.#drained = true;
      this.#silent.resolve();
      this.process.status.then(() => this.#enough.resolve());
    }
    const status = await settledWithin(this.process.status, STATUS_WAIT);
    if (status && !this.#done) this.#judge(status);
    if (this.#reason) throw this.#reason;
    return null;
  }

  #judge({ success, signal, code }: Deno.CommandStatus): void {
    if (success) return;
    if (signal) throw new BrokenError("run", this.peer, `the command was ended by ${signal}`);
    throw new CommandError("run", this.peer, `the command exited with ${code}`);
  }

  /** Once the child takes no more, it rejects with how that ended. `enough` tells sooner. */
  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#stdin.write(bytes);
      await this.#stdin.ready; // The runtime tells a failed write only here.
    } catch (error) {
      if (this.#reason) throw this.#reason;
      // Like `head`, it may have closed its stdin and still have an answer to give.
      this.#enough.resolve();
      const status = await this.process.status;
      await settledWithin(this.#silent.promise, UNREAD_WAIT);
      if (this.#reason) throw this.#reason;
      this.#judge(status);
      throw new ReaderGoneError(this.peer, { cause: error });
    }
  }

  async closeWrite(): Promise<void> {
    // A child that has exited has closed it for us.
    await this.#stdin.close().catch(() => {});
  }

  /** Without a reason the child gets its time; one that comes later still ends it. */
  close(reason?: Error): void {
    if (reason) {
      this.#reason ??= reason;
      this.#hurry.resolve();
    }
    if (this.#done) return;
    this.#done = true;
    this.#silent.resolve();
    this.#finish().then(() => this.#settle.resolve(this.#reason), this.#settle.reject);
  }

  async #finish(): Promise<void> {
    this.#stdin.close().catch(() => {});
    this.#stdout.cancel().catch(() => {});
    const exited = await Promise.race([this.process.status, this.#hurry.promise]);
    if (!exited || !this.#drained) await this.group.end(); // Others may hold the pipe.
    const status = await this.process.status;
    this.group.release();
    // A child that wasn't heard to its end may have failed for that alone (SIGPIPE).
    if (!this.#reason && this.#drained) this.#judge(status);
  }
}
