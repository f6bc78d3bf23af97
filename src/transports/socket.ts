/** A connected stream socket (TCP, TLS or Unix) as a `Duplex`. */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, ResetError } from "../core/errors.ts";
import { endsByReset } from "../core/resets.ts";
import { settledWithin } from "../core/time.ts";
import type { Descriptor } from "./descriptor.ts";
import { canReset, descriptorOf, drainUntilWritten, ensureClosed, reset } from "./held.ts";
import { broken } from "./failure.ts";

/** Milliseconds for the pending write to report a reset that the read has shown as EOF. */
const RESET_WAIT = 10;

export class Socket implements Duplex {
  readonly framing = "stream";
  readonly freesBuffer = true;
  readonly halfClose: boolean = true;
  /** Whether `write` resolves before the kernel has the bytes (TLS). */
  protected readonly buffersWrites: boolean = false;
  readonly closed: Promise<Error | void>;
  readonly #resolveClosed: (reason?: Error) => void;
  #receivedEof = false;
  /** The peer's reset. The kernel reports it to one call only; a read after that yields EOF. */
  #peerReset: ResetError | undefined;
  /** Whether nothing is read or written any more. */
  #isClosed = false;
  /** Whether `close` has been called, which may follow. */
  #isOver = false;
  #reason: Error | undefined;
  /** Rejects the pending write, if there is one. */
  #rejectWrite: (() => void) | undefined;
  /** The runtime's latest write. */
  #writing: Promise<number> | undefined;

  /** @param ownAddress Returns our address, which few connections are asked for. */
  constructor(
    protected readonly conn: Deno.Conn,
    readonly peer: string,
    private readonly ownAddress?: () => string | undefined,
  ) {
    const { promise, resolve } = Promise.withResolvers<Error | void>();
    this.closed = promise;
    this.#resolveClosed = resolve;
  }

  get local(): string | undefined {
    return this.ownAddress?.();
  }

  get showsReset(): boolean {
    return canReset(this.conn);
  }

  /** Undefined for a Unix socket: a close doesn't discard what its peer hasn't read yet. */
  get unsent(): number | undefined {
    return this.#isClosed || !this.showsReset ? undefined : this.#descriptor?.unsent;
  }

  /** Undefined without libc, and after the peer's reset: nothing can be sent any more. */
  get #descriptor(): Descriptor | undefined {
    return this.#peerReset ? undefined : descriptorOf(this.conn);
  }

  /** Whether EOF has been read: the peer has closed its write side. */
  protected get receivedEof(): boolean {
    return this.#receivedEof;
  }

  /** Reads without `await`, whose frame would cost memory on each idle connection. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.conn.read(buffer).then((count) => {
      if (this.#isClosed) return this.#readAfterClose();
      return count ?? this.#onEof();
    }, (error) => {
      if (!this.#isClosed) throw this.#failure("receive from", error);
      return this.#readAfterClose();
    });
  }

  /** Yields EOF, or throws the reset that the kernel has reported to the pending write. */
  #onEof(): null | Promise<null> {
    if (!this.#rejectWrite) return this.#eof();
    return settledWithin(this.#writing!, RESET_WAIT).then(() => this.#eof());
  }

  #eof(): null {
    if (this.#peerReset) throw this.#peerReset;
    this.#receivedEof = true;
    return null;
  }

  #failure(stage: string, error: unknown): Error {
    const failure = broken(stage, this.peer, error);
    if (failure instanceof ResetError && !this.#receivedEof) this.#peerReset ??= failure;
    return failure;
  }

  /** The result of a read after `close`. */
  #readAfterClose(): null {
    if (this.#reason) throw this.#reason;
    return null;
  }

  /** Rejects at `close`, though the runtime's write goes on until the peer reads. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#isClosed) return Promise.reject(this.#writeFailure());
    return new Promise((resolve, reject) => {
      let rest = bytes;
      const onFailed = (error?: unknown) => reject(this.#writeFailure(error));
      const onWritten = (count: number) => {
        if (count === rest.length) {
          this.#rejectWrite = undefined;
          return resolve();
        }
        rest = rest.subarray(count);
        (this.#writing = this.conn.write(rest)).then(onWritten, onFailed);
      };
      this.#rejectWrite = onFailed;
      (this.#writing = this.conn.write(rest)).then(onWritten, onFailed);
    });
  }

  #writeFailure(error?: unknown): Error {
    if (!this.#isClosed) return this.#failure("send to", error);
    return this.#reason ?? new BrokenError("send to", this.peer, "already closed");
  }

  closeWrite(): Promise<void> {
    if (!this.#receivedEof || this.buffersWrites) {
      return this.conn.closeWrite().catch((error) => {
        if (!this.#isClosed) throw this.#failure("half-close to", error);
      });
    }
    // Both directions are finished, and closing sends FIN as well: this saves a system call. What
    // was received may still be on its way to others, so that a reason to `close` counts.
    this.#isClosed = true;
    this.#closeConn();
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#reason = reason;
    if (this.#isClosed) return this.#resolveClosed(reason);
    this.#isClosed = true;
    const finished = endsByReset(reason) ? this.#reset() : this.finishSending(reason);
    if (finished) finished.then((sent) => this.#release(sent));
    else this.#release(!this.buffersWrites);
  }

  /** Sends RST where the transport has one. Resolves with true: nothing is left to send. */
  #reset(): Promise<boolean> | undefined {
    const descriptor = this.showsReset ? this.#descriptor : undefined;
    return descriptor && reset(descriptor, this.#rejectWrite === undefined).then(() => true);
  }

  /**
   * Sends what has to precede a close, if anything. Resolves in bounded time with whether all has
   * been sent; never rejects.
   */
  protected finishSending(_reason?: Error): Promise<boolean> | undefined {
    return undefined;
  }

  /** Closes, and sees that a pending write doesn't keep the descriptor open. */
  #release(sent: boolean): void {
    const rejectWrite = this.#rejectWrite;
    const held = rejectWrite || !sent ? this.#descriptor : undefined;
    if (rejectWrite && !held) {
      drainUntilWritten(this.conn, this.#writing!).then(() => this.#closeConn());
    } else this.#closeConn();
    if (held) ensureClosed(held);
    rejectWrite?.();
    this.#resolveClosed(this.#reason);
  }

  #closeConn(): void {
    try {
      this.conn.close();
    } catch {
      // After a reset it may be closed already.
    }
  }
}
