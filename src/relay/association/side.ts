/** One side of an association as a `Channel`: the client's datagrams, or those of its targets. */
import type { Channel, Message } from "../../core/duplex.ts";
import { BrokenError } from "../../core/errors.ts";
import { BoundedQueue } from "../../core/queue.ts";
import { RECEIVE_QUEUE } from "../../transports/datagram/session.ts";

interface SideOptions {
  /** Sends a datagram, header included. */
  readonly send: (data: Uint8Array) => Promise<void>;
  /** Called once, at `close`. Resolves when its work is done. */
  readonly onClose: (reason?: Error) => Promise<unknown>;
}

/** Carries datagrams with SOCKS5's header (RFC 1928 §7), towards the client and away from it. */
export class AssociationSide implements Channel {
  readonly framing = "message";
  /** EOF is that of the client's TCP connection, for both sides at once. */
  readonly halfClose = true;
  readonly closed: Promise<Error | void>;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly #queue = new BoundedQueue<Uint8Array>(RECEIVE_QUEUE);
  #isClosed = false;
  #reason: Error | undefined;

  constructor(readonly peer: string, private readonly options: SideOptions) {
    this.closed = this.#closed.promise;
  }

  /** Queues a received datagram; false if the queue is full. */
  deliver(data: Uint8Array): boolean {
    return this.#queue.push(data);
  }

  /** Ends what is received, without what still waits: nobody is there to get an answer. */
  end(): void {
    this.#queue.close();
  }

  async receive(): Promise<Message | null> {
    const data = await this.#queue.next();
    return data && { data };
  }

  async send({ data }: Message): Promise<void> {
    if (this.#isClosed) {
      throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    }
    await this.options.send(data);
  }

  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#reason = reason;
    this.#queue.close(reason);
    this.options.onClose(reason).then(
      () => this.#closed.resolve(reason),
      (error) => this.#closed.reject(error),
    );
  }
}
