/** `timeout` and `reset_peer`: what is sent is lost, and the connection ends after a while. */
import { Fault, type Piece, type Place } from "./fault.ts";

type TimeoutAttributes = { readonly timeout: number };

/** Drops all, and ends both connections after `timeout` milliseconds without a byte; 0: never. */
export class Timeout extends Fault<TimeoutAttributes> {
  #last = performance.now();

  constructor(place: Place<TimeoutAttributes>) {
    super(place);
    const due = () =>
      place.attributes.timeout > 0 ? this.#last + place.attributes.timeout : Infinity;
    const text = () => `ended after ${place.attributes.timeout} ms without a byte to`;
    this.alarm(due, () => place.cut(`${text()} ${place.connection.peer}`));
  }

  override put({ data }: Piece): Promise<void> {
    this.#last = performance.now();
    this.place.emit(`dropped ${data.length} bytes to ${this.place.connection.peer}`);
    return Promise.resolve();
  }

  /** A removal ends both connections too: their bytes are missing. */
  override changed(): void {
    this.#last = performance.now();
    super.changed();
    const { isRemoved, connection } = this.place;
    if (isRemoved) this.place.cut(`ended, because bytes to ${connection.peer} are missing`);
  }
}

/** Resets both connections `timeout` milliseconds after the first byte or EOF, and drops all. */
export class ResetPeer extends Fault<TimeoutAttributes> {
  /** When the first came, and how much since. */
  #begun: number | undefined;
  #dropped = 0;

  override put({ data }: Piece): Promise<void> {
    this.#begin();
    this.#dropped += data.length;
    return Promise.resolve();
  }

  override async end(): Promise<void> {
    this.#begin();
    await this.until(() => Infinity);
  }

  /** What was dropped is missing: a removal resets at once. */
  override changed(): void {
    super.changed();
    if (this.place.isRemoved && this.#begun !== undefined) this.#reset();
  }

  #begin(): void {
    if (this.#begun !== undefined) return;
    const begun = this.#begun = performance.now();
    this.alarm(() => begun + this.place.attributes.timeout, () => this.#reset());
  }

  #reset(): void {
    const { peer } = this.place.connection;
    this.place.cut(`reset, with ${this.#dropped} bytes to ${peer} dropped`, { reset: true });
  }
}
