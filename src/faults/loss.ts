/** `--drop`, `--dup` and `--reorder`: what networks do to datagrams. */
import type { Channel, Connection, Message } from "../core/duplex.ts";
import { ChannelWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./send_hook.ts";
import type { Random } from "./random.ts";

/** A message that none overtakes is sent after this long, milliseconds. */
const REORDER_WAIT = 50;

interface LossOptions {
  /** Probability that a message is lost. */
  readonly drop: number;
  /** Probability that it is sent twice. */
  readonly duplicate: number;
  /** How many later messages may overtake one. */
  readonly reorder: number;
  readonly random: Random;
}

/** Sends messages to `connection` as a bad network would. Leaves a stream as it is. */
export function loss(connection: Connection, options: LossOptions, emit: Emit): Connection {
  return connection.framing === "stream" ? connection : new LossyChannel(connection, options, emit);
}

/** A message that later ones may overtake. */
interface HeldMessage {
  readonly message: Message;
  /** How many have overtaken it; never fewer than the messages behind it have. */
  overtaken: number;
}

class LossyChannel extends ChannelWrapper {
  /** Messages that may be overtaken, in order. */
  readonly #held: HeldMessage[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(inner: Channel, private readonly options: LossOptions, private readonly emit: Emit) {
    super(inner);
  }

  override async send(message: Message): Promise<void> {
    const { drop, duplicate, random } = this.options;
    const what = `a message of ${message.data.length} bytes to ${this.peer}`;
    if (random() < drop) return this.emit("drop", `dropped ${what}`);
    await this.#hold(message);
    if (random() >= duplicate) return;
    this.emit("dup", `doubled ${what}`);
    await this.#hold(message);
  }

  async #hold(message: Message): Promise<void> {
    const { reorder, random } = this.options;
    if (reorder === 0) return await this.inner.send(message);
    this.#held.push({ message: { ...message, data: message.data.slice() }, overtaken: 0 });
    clearTimeout(this.#timer);
    // If this fails, so does the next send.
    this.#timer = setTimeout(() => this.#flush().catch(() => {}), REORDER_WAIT);
    if (this.#held.length <= reorder) return;
    const isDue = this.#held[0]!.overtaken >= reorder;
    const index = isDue ? 0 : Math.floor(random() * this.#held.length);
    const [next] = this.#held.splice(index, 1);
    for (const held of this.#held.slice(0, index)) held.overtaken++;
    if (index > 0) this.emit("reorder", `sent a message to ${this.peer} before ${index} others`);
    await this.inner.send(next!.message);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    for (const { message } of this.#held.splice(0)) await this.inner.send(message);
  }

  override async closeWrite(): Promise<void> {
    await this.#flush();
    await this.inner.closeWrite();
  }

  override close(reason?: Error): void {
    clearTimeout(this.#timer);
    super.close(reason);
  }
}
