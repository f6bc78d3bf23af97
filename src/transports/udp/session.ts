/**
 * What is said with one UDP peer, as a `Channel`: datagrams in, datagrams out, no end of its own.
 */
import type { Channel, Message } from "../../core/duplex.ts";
import { BrokenError, LoggedError } from "../../core/errors.ts";
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { BoundedQueue } from "../../core/queue.ts";
import { ThrottledCounter } from "../../core/throttled_counter.ts";
import { broken, undelivered } from "../failure.ts";
import { isAboutEarlier, type UdpSocket } from "./socket.ts";

/** What waits for a session to take it: 20 ms of a peer that sends 50,000 datagrams a second. */
const WAITING = {
  count: 1024,
  size: 1024 * 1024,
  sizeOf: (data: Uint8Array) => data.length,
};

/** What a session's owner wants to know, and how its sockets behave. */
interface SessionOptions {
  readonly log: Log;
  /** Ends by silence (`Channel.expires`); its owner watches the time. */
  readonly expires: boolean;
  /** Called for each datagram that has been sent. */
  onSent?(): void;
  /** Why nobody has taken what was sent, if that is known. */
  refusal?(): Error | undefined;
  /** Called once, when the session is closed. */
  onClose?(): void;
}

export class UdpSession implements Channel {
  readonly framing = "message";
  readonly halfClose = false;
  readonly closed: Promise<Error | void>;
  readonly #settled = Promise.withResolvers<Error | void>();
  readonly #waiting = new BoundedQueue<Uint8Array>(WAITING);
  readonly #tooLong: ThrottledCounter;
  #since: (() => number) | undefined;
  #refusal: Error | undefined;
  #failed = false;
  #over = false;
  #reason: Error | undefined;

  /** Takes over one use of `socket`. */
  constructor(
    private readonly socket: UdpSocket,
    private readonly address: Deno.NetAddr,
    readonly peer: string,
    private readonly options: SessionOptions,
  ) {
    this.closed = this.#settled.promise;
    this.closed.catch(() => {}); // Nobody may be waiting for it.
    this.#tooLong = new ThrottledCounter((count) => this.#complain(count));
  }

  get expires(): boolean {
    return this.options.expires;
  }

  excuse(since: () => number): void {
    this.#since = since;
  }

  /** Silence counts at most from then, in milliseconds of `performance.now()`. */
  get excused(): number {
    return this.#since?.() ?? -Infinity;
  }

  /** A datagram has come; false if the session has no room for it. */
  deliver(data: Uint8Array): boolean {
    return this.#waiting.push(data);
  }

  /** Ends the session once what has come is taken: nobody takes what is sent any more. */
  fail(error: Error): void {
    this.#refusal ??= error;
    if (this.#waiting.isEmpty) this.close(this.#refusal);
  }

  async receive(): Promise<Message | null> {
    if (this.#refusal) this.fail(this.#refusal);
    const data = await this.#waiting.next();
    return data && { data };
  }

  /** A message that fits no datagram is dropped: an error in the log, told again by `closed`. */
  async send({ data }: Message): Promise<void> {
    if (this.#over) throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    if (data.length > LARGEST_DATAGRAM) {
      this.#failed = true;
      return this.#tooLong.add();
    }
    try {
      await this.socket.send(data, this.address);
    } catch (error) {
      this.#onFailure(error);
    }
    this.options.onSent?.();
  }

  /** UDP has no end that could be sent. */
  closeWrite(): Promise<void> {
    return Promise.resolve();
  }

  close(reason?: Error): void {
    if (this.#over) return;
    this.#over = true;
    const refusal = this.#refusal ?? this.options.refusal?.();
    this.#reason = reason ?? refusal;
    this.#waiting.end(this.#reason);
    this.#tooLong.close();
    this.socket.release();
    this.options.onClose?.();
    if (!reason && refusal) return this.#settled.reject(refusal);
    if (!this.#failed) return this.#settled.resolve(reason);
    this.#settled.reject(new LoggedError(new BrokenError("send to", this.peer, TOO_LONG)));
  }

  /** On a socket of many peers, what ICMP says can't be told apart: it ends none of them. */
  #onFailure(error: unknown): void {
    if (this.#over) throw this.#reason ?? new BrokenError("send to", this.peer, "already closed");
    if (!this.expires) throw undelivered(this.peer, error);
    if (!isAboutEarlier(error)) throw broken("send to", this.peer, error);
    this.options.log.debug("send-failed", `send to ${this.peer}: ${(error as Error).message}`);
  }

  #complain(count: number): void {
    const messages = count === 1 ? "a message" : `${count} messages`;
    const error = `${messages} ${TOO_LONG}`;
    this.options.log.error("too-long", `send to ${this.peer}: ${error}`, {
      peer: this.peer,
      count,
      error,
    });
  }
}

const TOO_LONG = `longer than a datagram can be (${LARGEST_DATAGRAM} bytes): dropped`;
