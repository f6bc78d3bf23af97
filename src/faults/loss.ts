/** `--drop`, `--dup` and `--reorder`: what networks do to datagrams. */
import type { Channel, Connection, Message } from "../core/duplex.ts";
import { ChannelWrapper } from "../wrap/wrapper.ts";
import type { Emit } from "./fault.ts";
import type { Random } from "./random.ts";

/** A message that nothing overtakes goes on after this long, milliseconds. */
const PATIENCE = 50;

interface Loss {
  /** Probability that a message is lost. */
  readonly drop: number;
  /** Probability that it is sent twice. */
  readonly duplicate: number;
  /** How many later messages may be sent before one. */
  readonly reorder: number;
  readonly random: Random;
}

/** Sends messages to `end` as a bad network would. A stream stays what it is. */
export function loss(connection: Connection, options: Loss, tell: Emit): Connection {
  return connection.framing === "stream" ? connection : new LossyChannel(connection, options, tell);
}

interface Waiting {
  readonly message: Message;
  /** Later messages that were sent before it: no fewer than for those behind it. */
  overtaken: number;
}

class LossyChannel extends ChannelWrapper {
  /** Messages that wait to be overtaken. */
  readonly #window: Waiting[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(inner: Channel, private readonly options: Loss, private readonly tell: Emit) {
    super(inner);
  }

  override async send(message: Message): Promise<void> {
    const { drop, duplicate, random } = this.options;
    const what = `a message of ${message.data.length} bytes to ${this.peer}`;
    if (random() < drop) return this.tell("drop", `dropped ${what}`);
    await this.#pass(message);
    if (random() >= duplicate) return;
    this.tell("dup", `doubled ${what}`);
    await this.#pass(message);
  }

  async #pass(message: Message): Promise<void> {
    const { reorder, random } = this.options;
    if (reorder === 0) return await this.inner.send(message);
    this.#window.push({ message: { ...message, data: message.data.slice() }, overtaken: 0 });
    clearTimeout(this.#timer);
    // If the end is gone by then, the next send says so.
    this.#timer = setTimeout(() => this.#flush().catch(() => {}), PATIENCE);
    if (this.#window.length <= reorder) return;
    const due = this.#window[0]!.overtaken >= reorder;
    const index = due ? 0 : Math.floor(random() * this.#window.length);
    const [next] = this.#window.splice(index, 1);
    for (const waiting of this.#window.slice(0, index)) waiting.overtaken++;
    if (index > 0) this.tell("reorder", `sent a message to ${this.peer} before ${index} others`);
    await this.inner.send(next!.message);
  }

  async #flush(): Promise<void> {
    clearTimeout(this.#timer);
    for (const { message } of this.#window.splice(0)) await this.inner.send(message);
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
