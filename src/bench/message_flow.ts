/**
 * The flow over messages. A lossy transport has no back-pressure, so only a window of messages is
 * in flight: the network is measured, and not how fast a queue overflows.
 */
import type { Channel } from "../core/duplex.ts";
import { Notifier } from "../core/notifier.ts";
import { withTimeout } from "../core/time.ts";
import { IdleTimer } from "../wrap/idle.ts";
import type { Flow } from "./flow.ts";
import { Ledger } from "./ledger.ts";
import { NumberedMessages } from "./numbered.ts";
import type { Pattern } from "./pattern.ts";
import { type Losses, type Meter, notEchoed, type Settings } from "./settings.ts";

/** The most datagrams in flight: what small socket buffers (208 KiB) hold. */
const WINDOW = { messages: 32, bytes: 64 * 1024 };
/** Time after which a datagram counts as lost, milliseconds. */
export const LOST_AFTER = 1000;

export class MessageFlow implements Flow {
  finished = 0;
  readonly #window: number;
  readonly #ledger: Ledger;
  readonly #messages: NumberedMessages;
  readonly #idleTimer: IdleTimer;
  #received = 0;
  #allSent = false;
  #closed = false;
  readonly #changed = new Notifier();

  constructor(
    private readonly connection: Channel,
    private readonly settings: Settings,
    pattern: Pattern,
    private readonly meter: Meter,
    seed: number,
  ) {
    const { size, lossy, answerTimeout } = settings;
    const fitting = Math.max(1, Math.floor(WINDOW.bytes / size));
    this.#messages = new NumberedMessages(pattern, size, seed);
    this.#window = Math.min(
      lossy ? Math.min(WINDOW.messages, fitting) : Infinity,
      this.#messages.range,
    );
    this.#ledger = new Ledger(this.#window);
    this.#idleTimer = new IdleTimer(answerTimeout, () => {
      connection.close(this.#missing(`nothing came back for ${answerTimeout / 1000} s`));
    });
  }

  get losses(): Losses | undefined {
    return this.settings.lossy ? this.#ledger.losses : undefined;
  }

  async run(until: number): Promise<void> {
    this.#idleTimer.start();
    const receiving = this.#receive();
    const sending = this.#send(until);
    try {
      await Promise.race([sending, receiving]);
      if (this.#received === 0) throw this.#missing("nothing came back");
    } finally {
      this.#idleTimer.stop();
      this.#closed = true;
      this.connection.close();
      this.#changed.notify();
      await Promise.allSettled([sending, receiving]);
    }
    await receiving;
  }

  async #send(until: number): Promise<void> {
    while (performance.now() < until && !this.#closed) {
      if (this.#ledger.awaited >= this.#window) await this.#nextChange();
      else await this.connection.send({ data: this.#messages.make(this.#ledger.next()) });
    }
    this.#allSent = true;
    this.finished = performance.now();
    while (this.#ledger.awaited > 0 && !this.#closed) await this.#nextChange();
  }

  async #receive(): Promise<void> {
    for (;;) {
      const message = await this.connection.receive();
      if (message === null) break;
      this.#take(message.data);
    }
    if (!this.#allSent || this.#ledger.awaited > 0) throw this.#missing("the peer has ended");
  }

  #take(data: Uint8Array): void {
    const number = this.#messages.read(data, this.#ledger.sent - 1);
    if (typeof number === "string") throw notEchoed(this.connection, number);
    const inOrder = this.#ledger.returned(number);
    if (!inOrder && !this.settings.lossy) {
      throw notEchoed(this.connection, `message ${number} came back out of order`);
    }
    this.#received++;
    this.meter.count += data.length;
    this.#idleTimer.touch();
    if (this.#allSent) this.finished = performance.now();
    this.#changed.notify();
  }

  /** Waits for the next answer. On a lossy transport, all that is awaited is lost without one. */
  async #nextChange(): Promise<void> {
    const change = this.#changed.wait();
    if (!this.settings.lossy) return await change;
    const late = new Error("lost");
    await withTimeout(change, LOST_AFTER, () => late).catch(() => this.#ledger.giveUpAll());
  }

  #missing(why: string): Error {
    const { sent } = this.#ledger;
    return notEchoed(
      this.connection,
      `${sent - this.#received} of ${sent} messages are lost: ${why}`,
    );
  }
}
