/**
 * A peer without a half-close that is done while it is still being sent something: what it was sent
 * last hasn't reached it, and that must not look like an end in order.
 */
import type { Channel, Message } from "../core/duplex.ts";
import { settledWithin } from "../core/time.ts";
import { ChannelWrapper } from "./wrapper.ts";

/** Time in which whoever has more to send says so, milliseconds. */
const MORE = 50;

/**
 * The channel, whose end rejects as the sends that it cuts short: those that are pending, and the
 * one that comes right behind them.
 */
export function withUndelivered(channel: Channel): Channel {
  return new Undelivered(channel);
}

class Undelivered extends ChannelWrapper {
  /** The latest send. */
  #sending: Promise<void> | undefined;
  #onSend = () => {};
  /** Whether nothing more is sent to the peer: we have said so, or closed it. */
  #isOver = false;

  override send(message: Message): Promise<void> {
    this.#sending = super.send(message);
    this.#onSend();
    return this.#sending;
  }

  override async receive(): Promise<Message | null> {
    const message = await super.receive();
    if (message === null && !this.#isOver) await this.#delivered();
    return message;
  }

  override closeWrite(): Promise<void> {
    this.#isOver = true;
    return super.closeWrite();
  }

  override close(reason?: Error): void {
    this.#isOver = true;
    super.close(reason);
  }

  /** Rejects as the latest send, or as the one that follows: the peer takes neither any more. */
  async #delivered(): Promise<void> {
    await this.#sending;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#onSend = resolve;
    await settledWithin(promise, MORE);
    await this.#sending;
  }
}
