/** A connected stream socket, TCP, TLS or Unix, as a `Duplex`. */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { broken } from "./failure.ts";

export class Socket implements Duplex {
  readonly framing = "stream";
  readonly halfClose: boolean = true;
  /** Whether bytes that `write` has taken may not be on their way yet. */
  protected readonly buffers: boolean = false;
  readonly closed: Promise<Error | void>;
  readonly #settle: (reason?: Error) => void;
  #peerEnded = false;
  #done = false;
  #reason: Error | undefined;
  /** Rejects the pending write, if there is one. */
  #interrupt: (() => void) | undefined;

  constructor(
    protected readonly conn: Deno.Conn,
    readonly peer: string,
    readonly local?: string,
  ) {
    const { promise, resolve } = Promise.withResolvers<Error | void>();
    this.closed = promise;
    this.#settle = resolve;
  }

  /** Whether the peer has said its end. */
  protected get peerEnded(): boolean {
    return this.#peerEnded;
  }

  /** Without `await`, whose frame an idle connection would keep for as long as it is silent. */
  read(buffer: Uint8Array): Promise<number | null> {
    return this.conn.read(buffer).then((count) => {
      if (count === null) this.#peerEnded = true;
      return this.#done ? this.#over() : count;
    }, (error) => {
      if (!this.#done) throw broken("receive from", this.peer, error);
      return this.#over();
    });
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
        this.conn.write(left).then(taken, failed);
      };
      this.#interrupt = failed;
      this.conn.write(left).then(taken, failed);
    });
  }

  #sendingFailed(error?: unknown): Error {
    if (!this.#done) return broken("send to", this.peer, error);
    return this.#reason ?? new BrokenError("send to", this.peer, "already closed");
  }

  async closeWrite(): Promise<void> {
    // Both directions are over then, and closing sends the FIN as well: one call for two.
    if (this.#peerEnded && !this.buffers) return this.close();
    try {
      await this.conn.closeWrite();
    } catch (error) {
      if (!this.#done) throw broken("half-close to", this.peer, error);
    }
  }

  close(reason?: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#reason = reason;
    const farewell = this.farewell(reason);
    if (farewell) farewell.then(() => this.#leave());
    else this.#leave();
  }

  /** What a close has to say to the peer first, if anything. Never rejects, and has an end. */
  protected farewell(_reason?: Error): Promise<void> | undefined {
    return undefined;
  }

  #leave(): void {
    try {
      this.conn.close();
    } catch {
      // A connection that its peer has reset may already be gone.
    }
    this.#interrupt?.();
    this.#settle(this.#reason);
  }
}
