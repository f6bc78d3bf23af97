/** The datagrams from and to one peer as a `Channel`, which has no EOF. */
import type { Channel, Message } from "../../core/duplex.ts";
import { BrokenError, LoggedError } from "../../core/errors.ts";
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { BoundedQueue } from "../../core/queue.ts";
import { ThrottledCounter } from "../../core/throttled_counter.ts";
import { broken, datagramFailed } from "../failure.ts";
import type { AddressOf, Peer } from "./datagrams.ts";
import { type DatagramSocket, isIcmpError } from "./socket.ts";

/** Limits of received datagrams: 20 ms of a peer that sends 50,000 a second. */
export const RECEIVE_QUEUE = {
  count: 1024,
  size: 1024 * 1024,
  sizeOf: (data: Uint8Array) => data.length,
};

/** Options and callbacks of a session's owner, a listener or who dials. */
export interface SessionOptions {
  readonly log: Log;
  /** Whether an idle timeout closes it (`Channel.expires`); its owner has the timer. */
  readonly expires: boolean;
  /** The most bytes of a datagram; the system's limit where it is undefined. */
  readonly largest?: number;
  /** Whether the system's errors are about this peer alone. */
  readonly exactErrors?: boolean;
  /** Why nothing can be sent to the peer, if nothing can. */
  readonly unreachable?: string;
  /** Called for each datagram that has been sent. */
  onSent?(): void;
  /** The pending ICMP error, if there is one. */
  refusal?(): Error | undefined;
  /** Called once, at `close`. */
  onClose?(): void;
}

export class DatagramSession<P extends Peer> implements Channel {
  readonly framing = "message";
  readonly halfClose = false;
  readonly closed: Promise<Error | void>;
  readonly #closed = Promise.withResolvers<Error | void>();
  readonly #queue = new BoundedQueue<Uint8Array>(RECEIVE_QUEUE);
  readonly #lost: ThrottledCounter;
  #excusedSince: (() => number) | undefined;
  #refusal: Error | undefined;
  /** Why a message that should be sent was dropped. */
  #loss: string | undefined;
  #isClosed = false;
  #reason: Error | undefined;

  /** Takes over one reference to `socket`. */
  constructor(
    private readonly socket: DatagramSocket<P>,
    private readonly address: AddressOf<P>,
    readonly peer: string,
    private readonly options: SessionOptions,
  ) {
    this.closed = this.#closed.promise;
    this.closed.catch(() => {}); // It may never be awaited.
    this.#lost = new ThrottledCounter((count) => this.#logLost(count));
  }

  get expires(): boolean {
    return this.options.expires;
  }

  excuse(since: () => number): void {
    this.#excusedSince = since;
  }

  /** Idle time counts from here at the earliest, in milliseconds of `performance.now()`. */
  get excused(): number {
    return this.#excusedSince?.() ?? -Infinity;
  }

  /** Queues a received datagram; false if the queue is full. */
  deliver(data: Uint8Array): boolean {
    return this.#queue.push(data);
  }

  /** Closes the session with an ICMP error, once the received datagrams have been read. */
  fail(error: Error): void {
    this.#refusal ??= error;
    if (this.#queue.isEmpty) this.close(this.#refusal);
  }

  async receive(): Promise<Message | null> {
    if (this.#refusal) this.fail(this.#refusal);
    const data = await this.#queue.next();
    return data && { data };
  }

  /** Drops a message that no datagram can carry: it is logged, and `closed` will reject. */
  async send({ data }: Message): Promise<void> {
    if (this.#isClosed) {
      throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    }
    const { unreachable, largest = LARGEST_DATAGRAM } = this.options;
    if (unreachable !== undefined) return this.#drop(unreachable);
    if (data.length > largest) return this.#drop(tooLong(largest));
    try {
      const sending = this.socket.send(data, this.address);
      if (sending) await sending;
    } catch (error) {
      if ((error as { code?: string }).code === "EMSGSIZE") return this.#drop(tooLong());
      this.#onFailure(error);
    }
    this.options.onSent?.();
  }

  /** Does nothing: UDP has no FIN. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const refusal = this.#refusal ?? this.options.refusal?.();
    this.#reason = reason ?? refusal;
    this.#queue.close(this.#reason);
    this.#lost.close();
    this.socket.release();
    this.options.onClose?.();
    if (!reason && refusal) return this.#closed.reject(refusal);
    if (!this.#loss) return this.#closed.resolve(reason);
    this.#closed.reject(new LoggedError(new BrokenError("send to", this.peer, this.#loss)));
  }

  /** Only logs an ICMP error of a socket with many peers: it doesn't name the peer. */
  #onFailure(error: unknown): void {
    if (this.#isClosed) {
      throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    }
    if (!this.expires || this.options.exactErrors) throw datagramFailed(this.peer, error);
    if (!isIcmpError(error)) throw broken("send to", this.peer, error);
    this.options.log.debug("send-failed", `send to ${this.peer}: ${(error as Error).message}`);
  }

  #drop(reason: string): void {
    this.#loss = reason;
    this.#lost.add();
  }

  #logLost(count: number): void {
    const messages = count === 1 ? "a message" : `${count} messages`;
    const error = `${messages} ${this.#loss}`;
    this.options.log.error("too-long", `send to ${this.peer}: ${error}`, {
      peer: this.peer,
      count,
      error,
    });
  }
}

/** The reason of a loss; without a number, the limit is one of the system's settings. */
function tooLong(largest?: number): string {
  const limit = largest === undefined ? "here" : `(${largest} bytes)`;
  return `longer than a datagram can be ${limit}: dropped`;
}
