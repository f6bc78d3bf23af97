/** `reorder`: messages that overtake one another. Streams are left as they are. */
import { Fault, type Piece } from "./fault.ts";
import { Share } from "./storage.ts";

/** A message that none overtakes is sent after this long, milliseconds. */
const LONGEST_WAIT = 50;

/** A copy of a message, which later ones may overtake. */
interface Held {
  readonly message: Piece;
  /** How many have overtaken it; never fewer than the messages behind it have. */
  overtaken: number;
}

/** Lets each message be overtaken by up to `window` later ones. */
export class Reorder extends Fault<{ window: number }> {
  /** In the order in which they came. */
  readonly #held: Held[] = [];
  readonly #share = new Share();
  #lastPut = 0;
  #isWatched = false;
  /** Messages that are being sent or wait for their turn, and when all of them are sent. */
  #sending = 0;
  #sent: Promise<void> = Promise.resolve();

  override async put(message: Piece): Promise<void> {
    const { connection: { framing }, attributes: { window }, isRemoved } = this.place;
    if (framing === "stream" || window === 0 || isRemoved) {
      await this.#flush();
      return await this.place.next.put(message);
    }
    await this.#hold(message);
    while (this.#held.length > window) await this.#sendOne();
  }

  override async end(): Promise<void> {
    await this.#flush();
    await this.place.next.end();
  }

  override get isEmpty(): boolean {
    return this.#held.length === 0 && this.#sending === 0;
  }

  override changed(): void {
    super.changed();
    this.#flush().catch(() => {}); // If this fails, so does the next call.
  }

  override close(): void {
    super.close();
    if (this.#held.length > 0) this.place.lost(this.#held.length);
    this.#held.length = 0;
    this.#share.clear();
  }

  async #hold(message: Piece): Promise<void> {
    const { length } = message.data;
    while (!this.#share.take(length)) {
      // There is no memory to let it wait.
      if (this.#held.length === 0) return await this.#send(message);
      await this.#sendOne();
    }
    this.#held.push({ message: { ...message, data: message.data.slice() }, overtaken: 0 });
    this.#lastPut = performance.now();
    if (!this.#isWatched) this.#watch();
  }

  /** Sends what has waited for long enough without being overtaken. */
  async #watch(): Promise<void> {
    this.#isWatched = true;
    await this.alarm(() => this.#lastPut + LONGEST_WAIT, () => {});
    this.#isWatched = false;
    await this.#flush().catch(() => {});
  }

  /** Sends one of those that wait: the first, if no other may overtake it any more. */
  async #sendOne(): Promise<void> {
    const { random, attributes: { window }, connection: { peer } } = this.place;
    const isDue = this.#held[0]!.overtaken >= window;
    const index = isDue ? 0 : Math.floor(random() * this.#held.length);
    const [next] = this.#held.splice(index, 1);
    for (const held of this.#held.slice(0, index)) held.overtaken++;
    if (index > 0) this.place.emit(`sent a message to ${peer} before ${index} others`);
    await this.#send(next!.message, true);
  }

  /** Sends all that wait, in the order in which they came. */
  async #flush(): Promise<void> {
    while (this.#held.length > 0) await this.#send(this.#held.shift()!.message, true);
    await this.#sent;
  }

  /** Sends a message after those before it; a failure is that of all later ones too. */
  async #send(message: Piece, isHeld = false): Promise<void> {
    this.#sending++;
    this.#sent = this.#sent.then(() => this.place.next.put(message)).finally(() => {
      this.#sending--;
      if (isHeld) this.#share.give(message.data.length);
    });
    await this.#sent;
  }
}
