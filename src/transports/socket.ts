/** A connected stream socket, TCP, TLS or Unix, as a `Duplex`. */
import type { Duplex } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { broken } from "./failure.ts";

export class Socket implements Duplex {
  readonly framing = "stream";
  readonly halfClose: boolean = true;
  readonly closed: Promise<void>;
  readonly #settle: () => void;
  #done = false;
  #reason: Error | undefined;

  constructor(private readonly conn: Deno.Conn, readonly peer: string) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.closed = promise;
    this.#settle = resolve;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      return await this.conn.read(buffer);
    } catch (error) {
      if (!this.#done) throw broken("receive from", this.peer, error);
      if (this.#reason) throw this.#reason;
      return null;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      let count = await this.conn.write(bytes);
      while (count < bytes.length) count += await this.conn.write(bytes.subarray(count));
    } catch (error) {
      if (!this.#done) throw broken("send to", this.peer, error);
      throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    }
  }

  async closeWrite(): Promise<void> {
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
    try {
      this.conn.close();
    } catch {
      // A connection that its peer has reset may already be gone.
    }
    this.#settle();
  }
}
