/** `--delay` and `--jitter`: latency. What is sent arrives later, in the same order. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { Notifier } from "../core/notifier.ts";
import { sleep } from "../core/time.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./send_hook.ts";
import type { Random } from "./random.ts";

/** Bytes in one queue before its sender waits. */
const CAPACITY = 4 * 1024 * 1024;
/** Bytes counted for an item besides its data, so that empty messages are bounded too. */
const OVERHEAD = 256;

interface DelayOptions {
  /** Latency of each item, milliseconds. */
  readonly delay: number;
  /** Largest random change of it in either direction, milliseconds. */
  readonly jitter: number;
  readonly random: Random;
}

/** Sends to `connection` later: each write, and EOF, after a delay of its own. */
export function delay(connection: Connection, options: DelayOptions, emit: Emit): Connection {
  const queue = new DelayQueue(connection.peer, options, emit);
  return connection.framing === "stream"
    ? new DelayedDuplex(connection, queue)
    : new DelayedChannel(connection, queue);
}

/** A bounded queue whose items are delivered one after the other. */
class DelayQueue {
  #size = 0;
  #last: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  readonly #delivered = new Notifier();

  constructor(
    private readonly peer: string,
    private readonly options: DelayOptions,
    private readonly emit: Emit,
  ) {}

  /** Resolves once the queue has space; `deliver` runs when due, after all items before it. */
  async put(size: number, deliver: () => Promise<void>): Promise<void> {
    const { delay, jitter, random } = this.options;
    const ms = Math.max(0, delay + jitter * (2 * random() - 1));
    const due = performance.now() + ms;
    const cost = size + OVERHEAD;
    while (this.#size > 0 && this.#size + cost > CAPACITY) await this.#delivered.wait();
    if (this.#failure) throw this.#failure.error;
    this.#size += cost;
    this.emit("delay", `delayed ${size} bytes to ${this.peer} by ${Math.round(ms)} ms`);
    this.#last = this.#last.then(async () => {
      await sleep(Math.max(0, due - performance.now()));
      if (!this.#failure) await deliver();
    }).catch((error) => {
      this.#failure ??= { error };
    }).finally(() => {
      this.#size -= cost;
      this.#delivered.notify();
    });
  }

  /** Resolves when all items have been delivered; rejects as their delivery did. */
  async drained(): Promise<void> {
    await this.#last;
    if (this.#failure) throw this.#failure.error;
  }
}

class DelayedDuplex extends DuplexWrapper {
  constructor(inner: Duplex, private readonly queue: DelayQueue) {
    super(inner);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice(); // The caller's buffer is reused as soon as we return.
    return this.queue.put(copy.length, () => this.inner.write(copy));
  }

  override async closeWrite(): Promise<void> {
    await this.queue.put(0, () => this.inner.closeWrite());
    await this.queue.drained();
  }
}

class DelayedChannel extends ChannelWrapper {
  constructor(inner: Channel, private readonly queue: DelayQueue) {
    super(inner);
  }

  override send(message: Message): Promise<void> {
    const copy = { ...message, data: message.data.slice() };
    return this.queue.put(copy.data.length, () => this.inner.send(copy));
  }

  override async closeWrite(): Promise<void> {
    await this.queue.put(0, () => this.inner.closeWrite());
    await this.queue.drained();
  }
}
