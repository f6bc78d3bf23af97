/** One request and its answer at a time: what `rtt` and `connect` measure. */
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { withTimeout } from "../core/time.ts";
import { SURPLUS_WAIT } from "./byte_flow.ts";
import { Ledger } from "./ledger.ts";
import { LOST_AFTER } from "./message_flow.ts";
import { NumberedMessages } from "./numbered.ts";
import type { Pattern } from "./pattern.ts";
import { type Losses, notEchoed, type Settings } from "./settings.ts";

interface Exchange {
  /** Absent on a transport that loses nothing. */
  readonly losses?: Losses;
  /**
   * Sends `size` bytes and waits until they come back; false if a lossy transport lost them.
   * Rejects with an `ExpectationError`, or with the connection's error.
   */
  once(): Promise<boolean>;
  /**
   * Closes the write side and waits a moment for EOF; false if none came. Rejects as `once` does
   * where bytes come that were never sent.
   */
  finish(): Promise<boolean>;
}

/** Exchanges over `connection`, which stays open; `seed` makes its bytes differ from others'. */
export function exchangeOver(
  connection: Connection,
  settings: Settings,
  pattern: Pattern,
  seed: number,
): Exchange {
  return connection.framing === "stream"
    ? new ByteExchange(connection, settings, pattern, seed)
    : new MessageExchange(connection, settings, pattern, seed);
}

class ByteExchange implements Exchange {
  readonly #answer: Uint8Array;
  #position: number;

  constructor(
    private readonly connection: Duplex,
    { size }: Settings,
    private readonly pattern: Pattern,
    seed: number,
  ) {
    this.#answer = new Uint8Array(size);
    this.#position = seed;
  }

  async once(): Promise<boolean> {
    const { length } = this.#answer;
    await Promise.all([
      this.connection.write(this.pattern.at(this.#position, length)),
      this.#read(),
    ]);
    const mistake = this.pattern.mistake(this.#answer, this.#position);
    if (mistake) {
      throw notEchoed(this.connection, `what came back is not what was sent: ${mistake}`);
    }
    this.#position += length;
    return true;
  }

  async finish(): Promise<boolean> {
    if (!this.connection.halfClose) return true;
    await this.connection.closeWrite();
    const late = new Error();
    return await withTimeout(this.#readEof(), SURPLUS_WAIT, () => late).then(
      () => true,
      (error) => {
        if (error !== late) throw error;
        return false;
      },
    );
  }

  async #readEof(): Promise<void> {
    if (await this.connection.read(this.#answer) !== null) {
      throw notEchoed(this.connection, "bytes came that were never sent");
    }
  }

  async #read(): Promise<void> {
    for (let at = 0; at < this.#answer.length;) {
      const count = await this.connection.read(at === 0 ? this.#answer : this.#answer.subarray(at));
      if (count === null) {
        const missing = `${this.#answer.length - at} of ${this.#answer.length} bytes`;
        throw notEchoed(this.connection, `${missing} did not come back: the peer has ended`);
      }
      at += count;
    }
  }
}

class MessageExchange implements Exchange {
  readonly #ledger = new Ledger(0);
  readonly #messages: NumberedMessages;
  #number = -1;
  #failure: unknown;
  #answered: PromiseWithResolvers<boolean> | undefined;

  constructor(
    private readonly connection: Channel,
    private readonly settings: Settings,
    pattern: Pattern,
    seed: number,
  ) {
    this.#messages = new NumberedMessages(pattern, settings.size, seed);
    this.#receive();
  }

  get losses(): Losses | undefined {
    return this.settings.lossy ? this.#ledger.losses : undefined;
  }

  async once(): Promise<boolean> {
    if (this.#failure) throw this.#failure;
    const answered = this.#answered = Promise.withResolvers<boolean>();
    const timer = this.settings.lossy ? setTimeout(() => this.#giveUp(), LOST_AFTER) : undefined;
    this.#number = this.#ledger.next();
    try {
      const sending = this.connection.send({ data: this.#messages.make(this.#number) });
      const [cameBack] = await Promise.all([answered.promise, sending]);
      return cameBack;
    } finally {
      clearTimeout(timer);
      this.#answered = undefined;
    }
  }

  finish(): Promise<boolean> {
    return this.#failure ? Promise.reject(this.#failure) : Promise.resolve(true);
  }

  #giveUp(): void {
    this.#ledger.giveUpAll();
    this.#answered?.resolve(false);
  }

  async #receive(): Promise<void> {
    try {
      for (;;) {
        const message = await this.connection.receive();
        if (message === null) {
          throw notEchoed(this.connection, "no answer came: the peer has ended");
        }
        this.#take(message.data);
      }
    } catch (error) {
      this.#failure = error;
      this.#answered?.reject(error);
    }
  }

  #take(data: Uint8Array): void {
    const number = this.#messages.read(data, this.#number);
    if (typeof number === "string") throw notEchoed(this.connection, number);
    const inOrder = this.#ledger.returned(number);
    if (inOrder) this.#answered?.resolve(true);
    else if (!this.settings.lossy) {
      throw notEchoed(this.connection, `message ${number} came back a second time`);
    }
  }
}
