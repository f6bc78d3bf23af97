/** The flow over a stream: sends bytes and checks that the same bytes come back, however cut. */
import type { Duplex } from "../core/duplex.ts";
import { settledWithin } from "../core/time.ts";
import { IdleTimer } from "../wrap/idle.ts";
import type { Flow } from "./flow.ts";
import type { Pattern } from "./pattern.ts";
import { type Meter, notEchoed, type Settings } from "./settings.ts";

/** The most bytes of one read. */
export const READ_SIZE = 256 * 1024;
/** Time to wait, after all bytes have come back, for bytes that were never sent, milliseconds. */
export const SURPLUS_WAIT = 200;

export class ByteFlow implements Flow {
  finished = 0;
  #sent = 0;
  #received = 0;
  #allSent = false;
  readonly #allReturned = Promise.withResolvers<void>();
  readonly #idleTimer: IdleTimer;

  constructor(
    private readonly connection: Duplex,
    private readonly settings: Settings,
    private readonly pattern: Pattern,
    private readonly meter: Meter,
    private readonly seed: number,
  ) {
    const { answerTimeout } = settings;
    this.#idleTimer = new IdleTimer(answerTimeout, () => {
      connection.close(this.#missing(`nothing came back for ${answerTimeout / 1000} s`));
    });
  }

  async run(until: number): Promise<void> {
    this.#idleTimer.start();
    const checking = this.#check();
    const sending = this.#send(until);
    try {
      await Promise.all([sending, Promise.race([checking, this.#allReturned.promise])]);
      // Waits only briefly for EOF: many echoes don't close after our FIN.
      if (this.connection.halfClose) await settledWithin(checking, SURPLUS_WAIT);
    } finally {
      this.#idleTimer.stop();
      this.connection.close();
      await Promise.allSettled([sending, checking]);
    }
    await checking;
  }

  async #send(until: number): Promise<void> {
    const { size } = this.settings;
    while (performance.now() < until) {
      const chunk = this.pattern.at(this.seed + this.#sent, size);
      this.#sent += size; // Before the write: bytes may come back before it resolves.
      await this.connection.write(chunk);
    }
    this.#allSent = true;
    this.#checkComplete();
    await this.connection.closeWrite();
  }

  async #check(): Promise<void> {
    const buffer = new Uint8Array(READ_SIZE);
    for (;;) {
      const count = await this.connection.read(buffer);
      if (count === null) break;
      this.#take(buffer.subarray(0, count));
    }
    if (!this.#allSent || this.#received < this.#sent) throw this.#missing("the peer has ended");
  }

  #take(bytes: Uint8Array): void {
    const surplus = this.#received + bytes.length - this.#sent;
    if (surplus > 0) throw notEchoed(this.connection, `${surplus} bytes came that were never sent`);
    const mistake = this.pattern.mistake(bytes, this.seed + this.#received);
    if (mistake) {
      throw notEchoed(this.connection, `what came back is not what was sent: ${mistake}`);
    }
    this.#received += bytes.length;
    this.meter.count += bytes.length;
    this.#idleTimer.touch();
    this.#checkComplete();
  }

  #checkComplete(): void {
    if (!this.#allSent || this.#received < this.#sent) return;
    this.finished = performance.now();
    this.#idleTimer.stop();
    this.#allReturned.resolve();
  }

  #missing(why: string): Error {
    const bytes = `${this.#sent - this.#received} of ${this.#sent} bytes`;
    return notEchoed(this.connection, `${bytes} did not come back: ${why}`);
  }
}
