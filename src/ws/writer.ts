/** Frames to a stream: each is written whole, and awaiting it is the back-pressure. */
import type { Duplex, Message } from "../core/duplex.ts";
import type { Deflate } from "./deflate.ts";
import { BINARY, CLOSE, COMPRESSED, headerSize, PING, PONG, TEXT, writeHeader } from "./header.ts";
import { applyMask, randomMask } from "./mask.ts";

/** Frames that wait go out in one write, up to this size, bytes. */
const ONE_WRITE = 64 * 1024;
/** Text of these sizes is compressed: less gains nothing, more holds up everyone, bytes. */
const WORTH_COMPRESSING = { from: 1024, to: 1024 * 1024 };

/** A frame that waits to be written. */
interface Frame {
  /** Its opcode, with `COMPRESSED` where that is so. */
  readonly kind: number;
  readonly payload: Uint8Array;
  resolve(): void;
  reject(problem: unknown): void;
}

interface WriterOptions {
  /** Clients mask (RFC 6455 §5.3). */
  readonly masked: boolean;
  /** Compresses messages, if that was agreed on. */
  readonly deflate?: Deflate;
}

/**
 * Writes frames to one peer. All methods resolve when the stream has taken the frame; until then
 * its bytes mustn't change.
 */
export class FrameWriter {
  #waiting: Frame[] = [];
  #writing = false;

  constructor(private readonly stream: Duplex, private readonly options: WriterOptions) {}

  /**
   * One message in one frame. Where compression is agreed on, text is compressed: what is binary
   * mostly is already, and would only be slowed down.
   */
  message({ data, text = false }: Message): Promise<void> {
    const { from, to } = WORTH_COMPRESSING;
    const { deflate } = this.options;
    const opcode = text ? TEXT : BINARY;
    if (!deflate || !text || data.length < from || data.length > to) {
      return this.#post(opcode, data);
    }
    return this.#post(opcode | COMPRESSED, deflate.compress(data));
  }

  /** A Ping; its payload is at most 125 bytes (RFC 6455 §5.5), as is a Pong's. */
  ping(data: Uint8Array): Promise<void> {
    return this.#post(PING, data);
  }

  pong(data: Uint8Array): Promise<void> {
    return this.#post(PONG, data);
  }

  /** A Close: a code and a reason of at most 123 bytes in UTF-8, or nothing (RFC 6455 §5.5.1). */
  close(code: number | undefined, reason: string): Promise<void> {
    if (code === undefined) return this.#post(CLOSE, new Uint8Array());
    return this.#post(CLOSE, Uint8Array.of(code >> 8, code, ...new TextEncoder().encode(reason)));
  }

  #post(kind: number, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ kind, payload, resolve, reject });
      if (!this.#writing) this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      const frames = this.#next();
      try {
        await this.#write(frames);
        for (const { resolve } of frames) resolve();
      } catch (problem) {
        for (const { reject } of frames) reject(problem);
      }
    }
    this.#writing = false;
  }

  /** The frames that fit one write, at least one. */
  #next(): Frame[] {
    let count = 0;
    for (let size = 0; count < this.#waiting.length; count++) {
      size += this.#waiting[count]!.payload.length;
      if (count > 0 && size > ONE_WRITE) break;
    }
    return this.#waiting.splice(0, count);
  }

  async #write(frames: readonly Frame[]): Promise<void> {
    const { masked } = this.options;
    const { kind, payload } = frames[0]!;
    const { length } = payload;
    if (masked || frames.length > 1 || length <= ONE_WRITE) {
      return await this.stream.write(encode(frames, masked));
    }
    // A long payload that goes as it is isn't copied.
    const header = new Uint8Array(headerSize(length, false));
    writeHeader(header, 0, { kind, length });
    await this.stream.write(header);
    await this.stream.write(payload);
  }
}

/** Frames one behind the other, as they go over the wire. */
function encode(frames: readonly Frame[], masked: boolean): Uint8Array {
  let size = 0;
  for (const { payload: { length } } of frames) size += headerSize(length, masked) + length;
  const bytes = new Uint8Array(size);
  let at = 0;
  for (const { kind, payload } of frames) {
    const { length } = payload;
    const key = masked ? randomMask() : undefined;
    at = writeHeader(bytes, at, { kind, length, key });
    bytes.set(payload, at);
    if (key !== undefined) applyMask(bytes.subarray(at, at + length), key);
    at += length;
  }
  return bytes;
}
