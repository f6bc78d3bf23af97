/**
 * The base of every wrapper, which passes everything on unless a method is overridden. So no
 * wrapper loses half-close by forgetting it.
 */
import type { Channel, Close, Duplex, Message } from "../core/duplex.ts";

/** What streams and channels share; also for wrappers that turn one into the other. */
export abstract class Wrapper<C extends Duplex | Channel> {
  constructor(protected readonly inner: C) {}

  get peer(): string {
    return this.inner.peer;
  }
  get halfClose(): boolean {
    return this.inner.halfClose;
  }
  get showsReset(): boolean | undefined {
    return this.inner.showsReset;
  }
  get unsent(): number | undefined {
    return this.inner.unsent;
  }
  get expires(): boolean | undefined {
    return this.inner.expires;
  }
  get readerGone(): Promise<void> | undefined {
    return this.inner.readerGone;
  }
  get own(): boolean | undefined {
    return this.inner.own;
  }
  get closed(): Promise<Error | void> {
    return this.inner.closed;
  }
  closeWrite(): Promise<void> {
    return this.inner.closeWrite();
  }
  close(reason?: Error): void {
    this.inner.close(reason);
  }
}

export class DuplexWrapper extends Wrapper<Duplex> implements Duplex {
  readonly framing = "stream";

  get gathers(): boolean | undefined {
    return this.inner.gathers;
  }
  read(buffer: Uint8Array): Promise<number | null> {
    return this.inner.read(buffer);
  }
  write(bytes: Uint8Array): Promise<void> {
    return this.inner.write(bytes);
  }
}

/** Without `received` and `queues`: a wrapper has its part in each message, one after the other. */
export class ChannelWrapper extends Wrapper<Channel> implements Channel {
  readonly framing = "message";

  get typed(): boolean | undefined {
    return this.inner.typed;
  }
  get request(): Channel["request"] {
    return this.inner.request;
  }
  get partialAt(): number | undefined {
    return this.inner.partialAt;
  }
  get closeCode(): number | undefined {
    return this.inner.closeCode;
  }
  get peerClose(): Channel["peerClose"] {
    return this.inner.peerClose;
  }
  closeWith(close: Close): void {
    this.inner.closeWith?.(close);
  }
  receive(): Promise<Message | null> {
    return this.inner.receive();
  }
  send(message: Message): Promise<void> {
    return this.inner.send(message);
  }
}
