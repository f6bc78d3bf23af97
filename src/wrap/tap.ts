/** Lets something watch a connection without touching it: logs, dumps, timers, recordings. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { ChannelWrapper, DuplexWrapper } from "./wrapper.ts";

/** What can be seen of an end. No method may throw; each is called after the fact but for two. */
export interface Observer {
  /** Bytes, or one message, are about to be handed on: whatever answers them comes later. */
  sending?(bytes: Uint8Array, message?: Message): void;
  /** Our end is about to be handed on. */
  sendingEof?(): void;
  /** Bytes, or one message, came from the peer. Valid only during the call. */
  received?(bytes: Uint8Array, message?: Message): void;
  /** Bytes, or one message, were taken by the next layer. */
  sent?(bytes: Uint8Array, message?: Message): void;
  /** The peer is done sending. */
  receivedEof?(): void;
  /** We are done sending. */
  sentEof?(): void;
  /** Something that was asked of the end has failed. */
  failed?(error: Error): void;
  /** Both directions are over; called once. */
  closed?(reason?: Error): void;
}

/** The same end, watched. */
export function tap(connection: Duplex, observer: Observer): Duplex;
export function tap(connection: Channel, observer: Observer): Channel;
export function tap(connection: Connection, observer: Observer): Connection;
export function tap(connection: Connection, observer: Observer): Connection {
  return connection.framing === "stream"
    ? new TappedDuplex(connection, observer)
    : new TappedChannel(connection, observer);
}

/**
 * The same observer, until it has seen the close, once, whoever closes and however often: what
 * closing wakes up is no end of the peer's, nor one of ours.
 */
function untilClosed(observer: Observer): Required<Observer> {
  let over = false;
  return {
    sending: (bytes, message) => over ? undefined : observer.sending?.(bytes, message),
    sendingEof: () => over ? undefined : observer.sendingEof?.(),
    received: (bytes, message) => over ? undefined : observer.received?.(bytes, message),
    sent: (bytes, message) => over ? undefined : observer.sent?.(bytes, message),
    receivedEof: () => over ? undefined : observer.receivedEof?.(),
    sentEof: () => over ? undefined : observer.sentEof?.(),
    failed: (error) => over ? undefined : observer.failed?.(error),
    closed(reason) {
      if (over) return;
      over = true;
      observer.closed?.(reason);
    },
  };
}

/** `work`, which fails in sight of the observer. */
async function watched<T>(work: Promise<T>, observer: Required<Observer>): Promise<T> {
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
    const count = await watched(this.inner.read(buffer), this.#observer);
    if (count === null) this.#observer.receivedEof();
    else this.#observer.received(buffer.subarray(0, count));
    return count;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    this.#observer.sending(bytes);
    await watched(this.inner.write(bytes), this.#observer);
    this.#observer.sent(bytes);
  }

  override async closeWrite(): Promise<void> {
    this.#observer.sendingEof();
    await watched(this.inner.closeWrite(), this.#observer);
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
    const message = await watched(this.inner.receive(), this.#observer);
    if (message === null) this.#observer.receivedEof();
    else this.#observer.received(message.data, message);
    return message;
  }

  override async send(message: Message): Promise<void> {
    this.#observer.sending(message.data, message);
    await watched(this.inner.send(message), this.#observer);
    this.#observer.sent(message.data, message);
  }

  override async closeWrite(): Promise<void> {
    this.#observer.sendingEof();
    await watched(this.inner.closeWrite(), this.#observer);
    this.#observer.sentEof();
  }

  override close(reason?: Error): void {
    this.inner.close(reason);
    this.#observer.closed(reason);
  }
}
