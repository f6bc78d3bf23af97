/** `--delay` and `--jitter`: a long line. What is sent arrives later, in its order. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { Notifier } from "../core/notifier.ts";
import { sleep } from "../core/time.ts";
import { ChannelWrapper, DuplexWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./fault.ts";
import type { Random } from "./random.ts";

/** Bytes under way on one line before its sender waits. */
const CAPACITY = 4 * 1024 * 1024;
/** What an item costs besides its bytes, so that empty messages are bounded too. */
const OVERHEAD = 256;

interface Delay {
  /** Milliseconds for everything. */
  readonly delay: number;
  /** Up to this many milliseconds more or less, by chance. */
  readonly jitter: number;
  readonly random: Random;
}

/** Sends to `end` later: each write, and the end of data, after its own time on the line. */
export function delay(connection: Connection, options: Delay, tell: Emit): Connection {
  const line = new DelayQueue(connection.peer, options, tell);
  return connection.framing === "stream"
    ? new DelayedDuplex(connection, line)
    : new DelayedChannel(connection, line);
}

/** What is under way: a bounded queue whose items are delivered one after the other. */
class DelayQueue {
  #size = 0;
  #last: Promise<void> = Promise.resolve();
  #failure: { error: unknown } | undefined;
  readonly #room = new Notifier();

  constructor(
    private readonly peer: string,
    private readonly options: Delay,
    private readonly tell: Emit,
  ) {}

  /** Resolves when there is room for it; `deliver` runs in its time, after all before it. */
  async put(size: number, deliver: () => Promise<void>): Promise<void> {
    const { delay, jitter, random } = this.options;
    const ms = Math.max(0, delay + jitter * (2 * random() - 1));
    const due = performance.now() + ms;
    const cost = size + OVERHEAD;
    while (this.#size > 0 && this.#size + cost > CAPACITY) await this.#room.wait();
    if (this.#failure) throw this.#failure.error;
    this.#size += cost;
    this.tell("delay", `delayed ${size} bytes to ${this.peer} by ${Math.round(ms)} ms`);
    this.#last = this.#last.then(async () => {
      await sleep(Math.max(0, due - performance.now()));
      if (!this.#failure) await deliver();
    }).catch((error) => {
      this.#failure ??= { error };
    }).finally(() => {
      this.#size -= cost;
      this.#room.notify();
    });
  }

  /** Resolves when all has been delivered; rejects as the delivery did. */
  async empty(): Promise<void> {
    await this.#last;
    if (this.#failure) throw this.#failure.error;
  }
}

class DelayedDuplex extends DuplexWrapper {
  constructor(inner: Duplex, private readonly line: DelayQueue) {
    super(inner);
  }

  override write(bytes: Uint8Array): Promise<void> {
    const copy = bytes.slice(); // The caller's buffer is reused as soon as we return.
    return this.line.put(copy.length, () => this.inner.write(copy));
  }

  override async closeWrite(): Promise<void> {
    await this.line.put(0, () => this.inner.closeWrite());
    await this.line.empty();
  }
}

class DelayedChannel extends ChannelWrapper {
  constructor(inner: Channel, private readonly line: DelayQueue) {
    super(inner);
  }

  override send(message: Message): Promise<void> {
    const copy = { ...message, data: message.data.slice() };
    return this.line.put(copy.data.length, () => this.inner.send(copy));
  }

  override async closeWrite(): Promise<void> {
    await this.line.put(0, () => this.inner.closeWrite());
    await this.line.empty();
  }
}
