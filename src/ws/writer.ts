/** Frames to a stream: each is written whole, and awaiting it is the back-pressure. */
import type { Duplex, Message } from "../core/duplex.ts";
import { type Done, type Extensions, Sender } from "./frames.ts";

/** Frames that wait go out in one write, up to this size, bytes. */
const ONE_WRITE = 64 * 1024;
/** Text of these sizes is compressed: less gains nothing, more holds up everyone, bytes. */
const COMPRESSED = { from: 1024, to: 1024 * 1024 };

const NOTHING = new Uint8Array();

/** What goes to the stream, in one piece or two. */
interface Frame {
  readonly header: Uint8Array;
  readonly payload: Uint8Array;
  readonly done: Done;
}

interface WriterOptions {
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
  #waiting: Frame[] = [];
  #writing = false;

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
    this.#waiting.push({ header: this.#header ?? NOTHING, payload: bytes, done });
    this.#header = undefined;
    if (!this.#writing) this.#drain();
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const frames = this.#next();
      let problem: Error | null = null;
      try {
        await this.#writeAll(frames);
      } catch (error) {
        problem = error as Error;
      }
      for (const { done } of frames) done(problem);
    }
    this.#writing = false;
  }

  /** The frames that fit one write, at least one. */
  #next(): Frame[] {
    let count = 0;
    for (let size = 0; count < this.#waiting.length; count++) {
      size += lengthOf(this.#waiting[count]!);
      if (count > 0 && size > ONE_WRITE) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #writeAll(frames: readonly Frame[]): Promise<void> {
    const { header, payload } = frames[0]!;
    if (frames.length > 1 || payload.length <= ONE_WRITE) {
      return await this.stream.write(joined(frames));
    }
    await this.stream.write(header);
    await this.stream.write(payload);
  }
}

function lengthOf({ header, payload }: Frame): number {
  return header.length + payload.length;
}

function joined(frames: readonly Frame[]): Uint8Array {
  let at = 0;
  for (const frame of frames) at += lengthOf(frame);
  const bytes = new Uint8Array(at);
  at = 0;
  for (const { header, payload } of frames) {
    bytes.set(header, at);
    bytes.set(payload, at + header.length);
    at += header.length + payload.length;
  }
  return bytes;
}
