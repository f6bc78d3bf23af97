/** Frames to a stream: each is written whole, and awaiting it is the back-pressure. */
import { concat } from "../core/bytes.ts";
import type { Duplex, Message } from "../core/duplex.ts";
import { type Done, type Extensions, Sender } from "./frames.ts";

/** A frame up to this size goes out in one write, bytes. */
const ONE_WRITE = 64 * 1024;
/** Text of these sizes is compressed: less gains nothing, more holds up everyone, bytes. */
const COMPRESSED = { from: 1024, to: 1024 * 1024 };

export interface WriterOptions {
  /** Clients mask (RFC 6455 §5.3). */
  readonly mask: boolean;
  readonly extensions: Extensions;
}

/** Writes frames to one peer. All methods resolve when the stream has taken the frame. */
export class FrameWriter {
  readonly #sender: Sender;
  readonly #mask: boolean;
  readonly #compresses: boolean;
  #header: Uint8Array | undefined;
  #turn: Promise<void> = Promise.resolve();

  constructor(private readonly stream: Duplex, { mask, extensions }: WriterOptions) {
    this.#mask = mask;
    this.#compresses = extensions["permessage-deflate"] !== undefined;
    this.#sender = new Sender({
      destroyed: false,
      cork() {},
      uncork() {},
      write: (bytes, done) => this.#write(bytes, done),
    }, extensions);
  }

  /**
   * One message in one frame. Where compression is agreed on, text is compressed: what is binary
   * mostly is already, and would only be slowed down.
   */
  message({ data, text = false }: Message): Promise<void> {
    const { length } = data;
    const compress = this.#compresses && text && length >= COMPRESSED.from &&
      length <= COMPRESSED.to;
    const options = { binary: !text, compress, fin: true, mask: this.#mask };
    return this.#post((done) => this.#sender.send(data, options, done));
  }

  ping(data: Uint8Array): Promise<void> {
    return this.#post((done) => this.#sender.ping(data, this.#mask, done));
  }

  pong(data: Uint8Array): Promise<void> {
    return this.#post((done) => this.#sender.pong(data, this.#mask, done));
  }

  /** A Close; without a code it is empty (RFC 6455 §5.5.1). */
  close(code: number | undefined, reason: string): Promise<void> {
    return this.#post((done) => this.#sender.close(code, reason, this.#mask, done));
  }

  #post(send: (done: Done) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      send((problem) => problem ? reject(problem) : resolve());
    });
  }

  /** A frame comes as its header and its payload, or in one piece. */
  #write(bytes: Uint8Array, done?: Done): void {
    if (!done) {
      this.#header = bytes;
      return;
    }
    const header = this.#header;
    this.#header = undefined;
    const frame = this.#turn.then(() => this.#writeFrame(header, bytes));
    this.#turn = frame.catch(() => {});
    frame.then(() => done(), done);
  }

  async #writeFrame(header: Uint8Array | undefined, payload: Uint8Array): Promise<void> {
    if (!header) return await this.stream.write(payload);
    if (payload.length <= ONE_WRITE) return await this.stream.write(concat([header, payload]));
    await this.stream.write(header);
    await this.stream.write(payload);
  }
}
