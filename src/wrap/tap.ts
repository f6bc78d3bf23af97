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
 * is no event of the peer. A class, since each connection has one for each tap.
 */
class UntilClosed implements Required<Observer> {
  #observer: Observer | undefined;

  constructor(observer: Observer) {
    this.#observer = observer;
  }

  sending(bytes: Uint8Array, message?: Message): void {
    this.#observer?.sending?.(bytes, message);
  }
  sendingEof(): void {
    this.#observer?.sendingEof?.();
  }
  received(bytes: Uint8Array, message?: Message): void {
    this.#observer?.received?.(bytes, message);
  }
  sent(bytes: Uint8Array, message?: Message): void {
    this.#observer?.sent?.(bytes, message);
  }
  receivedEof(): void {
    this.#observer?.receivedEof?.();
  }
  sentEof(): void {
    this.#observer?.sentEof?.();
  }
  failed(error: Error): void {
    this.#observer?.failed?.(error);
  }
  /** The same error, once the observer knows it. */
  reported(error: unknown): unknown {
    this.failed(error as Error);
    return error;
  }
  closed(reason?: Error): void {
    const observer = this.#observer;
    this.#observer = undefined;
    observer?.closed?.(reason);
  }
}

class TappedDuplex extends DuplexWrapper {
  readonly #observer: UntilClosed;

  constructor(inner: Duplex, observer: Observer) {
    super(inner);
    this.#observer = new UntilClosed(observer);
  }

  override async read(buffer: Uint8Array): Promise<number | null> {
    let count: number | null;
    try {
      count = await this.inner.read(buffer);
    } catch (error) {
      throw this.#observer.reported(error);
    }
    if (count === null) this.#observer.receivedEof();
    else this.#observer.received(buffer.subarray(0, count));
    return count;
  }

  override async write(bytes: Uint8Array): Promise<void> {
    this.#observer.sending(bytes);
    try {
      await this.inner.write(bytes);
    } catch (error) {
      throw this.#observer.reported(error);
    }
    this.#observer.sent(bytes);
  }

  override closeWrite(): Promise<void> {
    return closeWriteOf(this.inner, this.#observer);
  }

  override close(reason?: Error): void {
    this.inner.close(reason);
    this.#observer.closed(reason);
  }
}

class TappedChannel extends ChannelWrapper {
  readonly #observer: UntilClosed;

  constructor(inner: Channel, observer: Observer) {
    super(inner);
    this.#observer = new UntilClosed(observer);
  }

  override async receive(): Promise<Message | null> {
    let message: Message | null;
    try {
      message = await this.inner.receive();
    } catch (error) {
      throw this.#observer.reported(error);
    }
    if (message === null) this.#observer.receivedEof();
    else this.#observer.received(message.data, message);
    return message;
  }

  override async send(message: Message): Promise<void> {
    this.#observer.sending(message.data, message);
    try {
      await this.inner.send(message);
    } catch (error) {
      throw this.#observer.reported(error);
    }
    this.#observer.sent(message.data, message);
  }

  override closeWrite(): Promise<void> {
    return closeWriteOf(this.inner, this.#observer);
  }

  override close(reason?: Error): void {
    this.inner.close(reason);
    this.#observer.closed(reason);
  }
}

async function closeWriteOf(connection: Connection, observer: UntilClosed): Promise<void> {
  observer.sendingEof();
  try {
    await connection.closeWrite();
  } catch (error) {
    throw observer.reported(error);
  }
  observer.sentEof();
}
