/** Observes a connection without changing it: logs, dumps, timers, recordings. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

/** Callbacks for a connection's events. None may throw. All but `sending…` come after the event. */
export interface Observer {
  /** Bytes, or one message, are about to be sent: an answer comes later. */
  sending?(bytes: Uint8Array, message?: Message): void;
  /** Our EOF is about to be sent. */
  sendingEof?(): void;
  /** Bytes, or one message, were received. Valid only during the call. */
  received?(bytes: Uint8Array, message?: Message): void;
  /** Bytes, or one message, were taken by the next layer. */
  sent?(bytes: Uint8Array, message?: Message): void;
  /** The peer's EOF was received. */
  receivedEof?(): void;
  /** Our EOF was taken by the next layer. */
  sentEof?(): void;
  /** A read, a write or a half-close has failed. */
  failed?(error: Error): void;
  /** The connection was closed; called once. */
  closed?(reason?: Error): void;
}

/** The same connection, observed. */
export function tap(connection: Duplex, observer: Observer): Duplex;
export function tap(connection: Channel, observer: Observer): Channel;
export function tap(connection: Connection, observer: Observer): Connection;
export function tap(connection: Connection, observer: Observer): Connection {
  return connection.framing === "stream"
    ? new TappedDuplex(connection, observer)
    : new TappedChannel(connection, observer);
}

/**
 * The same observer, with one `closed` and nothing after it: what pending calls yield after a close
 * is no event of the peer.
 */
function untilClosed(observer: Observer): Required<Observer> {
  let isClosed = false;
  return {
    sending: (bytes, message) => isClosed ? undefined : observer.sending?.(bytes, message),
    sendingEof: () => isClosed ? undefined : observer.sendingEof?.(),
    received: (bytes, message) => isClosed ? undefined : observer.received?.(bytes, message),
    sent: (bytes, message) => isClosed ? undefined : observer.sent?.(bytes, message),
    receivedEof: () => isClosed ? undefined : observer.receivedEof?.(),
    sentEof: () => isClosed ? undefined : observer.sentEof?.(),
    failed: (error) => isClosed ? undefined : observer.failed?.(error),
    closed(reason) {
      if (isClosed) return;
      isClosed = true;
      observer.closed?.(reason);
    },
  };
}

/** `work`, whose failure is reported to the observer. */
async function reportingFailure<T>(work: Promise<T>, observer: Required<Observer>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    observer.failed(error as Error);
    throw error;
  }
}

class TappedDuplex extends DuplexWrapper {
  readonly #observer: Required<Observer>;

  constructor(inner: Duplex, observer: Observer) {
    super(inner);
    this.#observer = untilClosed(observer);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    const count = await reportingFailure(this.inner.read(buffer), this.#observer);
    if (count === null) this.#observer.receivedEof();
    else this.#observer.received(buffer.subarray(0, count));
    return count;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    this.#observer.sending(bytes);
    await reportingFailure(this.inner.write(bytes), this.#observer);
    this.#observer.sent(bytes);
  }

  override async closeWrite(): Promise<void> {
    this.#observer.sendingEof();
    await reportingFailure(this.inner.closeWrite(), this.#observer);
    this.#observer.sentEof();
  }

  override close(reason?: Error): void {
    this.inner.close(reason);
    this.#observer.closed(reason);
  }
}

class TappedChannel extends ChannelWrapper {
  readonly #observer: Required<Observer>;

  constructor(inner: Channel, observer: Observer) {
    super(inner);
    this.#observer = untilClosed(observer);
  }

  override async receive(): Promise<Message | null> {
    const message = await reportingFailure(this.inner.receive(), this.#observer);
    if (message === null) this.#observer.receivedEof();
    else this.#observer.received(message.data, message);
    return message;
  }

  override async send(message: Message): Promise<void> {
    this.#observer.sending(message.data, message);
    await reportingFailure(this.inner.send(message), this.#observer);
    this.#observer.sent(message.data, message);
  }

  override async closeWrite(): Promise<void> {
    this.#observer.sendingEof();
    await reportingFailure(this.inner.closeWrite(), this.#observer);
    this.#observer.sentEof();
  }

  override close(reason?: Error): void {
    this.inner.close(reason);
    this.#observer.closed(reason);
  }
}
