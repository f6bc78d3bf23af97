/** A connected stream socket, TCP, TLS or Unix, as a `Duplex`. */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError, ResetError } from "../core/errors.ts";
import { isReset } from "../core/resets.ts";
import { settledWithin } from "../core/time.ts";
import { canReset, descriptorOf, drop, letGo, reset } from "./held.ts";
import { broken } from "./failure.ts";

/** A write that has met a reset fails within this time of a read that looks like the end, ms. */
const SAME_TIME = 10;

export class Socket implements Duplex {
  readonly framing = "stream";
  readonly halfClose: boolean = true;
  /** Whether bytes that `write` has taken may not be on their way yet. */
  protected readonly buffers: boolean = false;
  readonly closed: Promise<Error | void>;
  readonly #settle: (reason?: Error) => void;
  #peerEnded = false;
  /** The peer's reset: the kernel tells one call of it, after which a read looks like the end. */
  #broken: ResetError | undefined;
  #done = false;
  #reason: Error | undefined;
  /** Rejects the pending write, if there is one. */
  #interrupt: (() => void) | undefined;
  /** What the runtime is writing, or was. */
  #writing: Promise<number> | undefined;

  constructor(
    protected readonly conn: Deno.Conn,
    readonly peer: string,
    readonly local?: string,
  ) {
    const { promise, resolve } = Promise.withResolvers<Error | void>();
    this.closed = promise;
    this.#settle = resolve;
  }

  get showsReset(): boolean {
    return canReset(this.conn);
  }

  /** Only the peer itself empties the queue of a Unix socket, which a close leaves to it. */
  get unsent(): number | undefined {
    return this.#done || !this.showsReset ? undefined : descriptorOf(this.conn)?.unsent;
  }

  /** Whether the peer has said its end. */
  protected get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** Without `await`, whose frame an idle connection would keep for as long as it is silent. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.conn.read(buffer).then((count) => {
      if (this.#done) return this.#over();
      return count ?? this.#end();
    }, (error) => {
      if (!this.#done) throw this.#failure("receive from", error);
      return this.#over();
    });
  }

  /** The peer's end, if it is one. */
  async #end(): Promise<null> {
    if (this.#interrupt) await settledWithin(this.#writing!, SAME_TIME);
    if (this.#broken) throw this.#broken;
    this.#peerEnded = true;
    return null;
  }

  #failure(stage: string, error: unknown): Error {
    const failure = broken(stage, this.peer, error);
    if (failure instanceof ResetError && !this.#peerEnded) this.#broken ??= failure;
    return failure;
  }

  /** What a read says after the close. */
  #over(): null {
    if (this.#reason) throw this.#reason;
    return null;
  }

  /** The runtime's write outlives a close for as long as the peer reads nothing: let go of it. */
  write(bytes: Uint8Array): Promise<void> {
    if (this.#done) return Promise.reject(this.#sendingFailed());
    return new Promise((resolve, reject) => {
      let left = bytes;
      const failed = (error?: unknown) => reject(this.#sendingFailed(error));
      const taken = (count: number) => {
        if (count === left.length) {
          this.#interrupt = undefined;
          return resolve();
        }
        left = left.subarray(count);
        (this.#writing = this.conn.write(left)).then(taken, failed);
      };
      this.#interrupt = failed;
      (this.#writing = this.conn.write(left)).then(taken, failed);
    });
  }

  #sendingFailed(error?: unknown): Error {
    if (!this.#done) return this.#failure("send to", error);
    return this.#reason ?? new BrokenError("send to", this.peer, "already closed");
  }

  async closeWrite(): Promise<void> {
    // Both directions are over then, and closing sends the FIN as well: one call for two.
    if (this.#peerEnded && !this.buffers) return this.close();
    try {
      await this.conn.closeWrite();
    } catch (error) {
      if (!this.#done) throw this.#failure("half-close to", error);
    }
  }

  close(reason?: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#reason = reason;
    const farewell = isReset(reason) ? this.#reset() : this.farewell(reason);
    if (farewell) farewell.then((sent) => this.#leave(sent));
    else this.#leave(!this.buffers);
  }

  /** Passes a reset on; whether nothing is left to send. */
  #reset(): Promise<boolean> | undefined {
    const descriptor = this.showsReset ? descriptorOf(this.conn) : undefined;
    return descriptor && reset(descriptor, this.#interrupt === undefined).then(() => true);
  }

  /**
   * What a close has to say to the peer first, if anything, and whether all has been sent. Never
   * rejects, and has an end.
   */
  protected farewell(_reason?: Error): Promise<boolean> | undefined {
    return undefined;
  }

  /** The runtime keeps a connection for as long as it has something to send: see to its end. */
  #leave(sent: boolean): void {
    const interrupt = this.#interrupt;
    const held = interrupt || !sent ? descriptorOf(this.conn) : undefined;
    if (interrupt && !held) drop(this.conn, this.#writing!).then(() => this.#close());
    else this.#close();
    if (held) letGo(held);
    interrupt?.();
    this.#settle(this.#reason);
  }

  #close(): void {
    try {
      this.conn.close();
    } catch {
      // A connection that its peer has reset may already be gone.
    }
  }
}
