/** Frames to a stream: each is written whole, and awaiting it is the back-pressure. */
import type { Duplex, Message } from "../core/duplex.ts";
import type { Deflate } from "./deflate.ts";
import { BINARY, CLOSE, COMPRESSED, headerSize, PING, PONG, TEXT, writeHeader } from "./header.ts";
import { applyMask, randomMask } from "./mask.ts";

/** Queued frames go out in one write up to this size, bytes. */
const ONE_WRITE = 64 * 1024;
/** Text of these sizes is compressed, bytes: less gains nothing, more blocks the event loop. */
const WORTH_COMPRESSING = { from: 1024, to: 1024 * 1024 };

/** A frame to be written. */
interface QueuedFrame {
  /** The opcode, with `COMPRESSED` (RSV1) if the payload is compressed. */
  readonly rsvAndOpcode: number;
  readonly payload: Uint8Array;
  resolve(): void;
  reject(error: unknown): void;
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
  #queue: QueuedFrame[] = [];
  #writing = false;

  constructor(private readonly stream: Duplex, private readonly options: WriterOptions) {}

  /**
   * Sends a message in one frame. Compresses text where that was agreed on: binary data mostly is
   * compressed already.
   */
  message({ data, text = false }: Message): Promise<void> {
    const { from, to } = WORTH_COMPRESSING;
    const { deflate } = this.options;
    const opcode = text ? TEXT : BINARY;
    if (!deflate || !text || data.length < from || data.length > to) {
      return this.#enqueue(opcode, data);
    }
    return this.#enqueue(opcode | COMPRESSED, deflate.compress(data));
  }

  /** Sends a Ping; its payload is at most 125 bytes (RFC 6455 §5.5), as is a Pong's. */
  ping(data: Uint8Array): Promise<void> {
    return this.#enqueue(PING, data);
  }

  pong(data: Uint8Array): Promise<void> {
    return this.#enqueue(PONG, data);
  }

  /** Sends a Close: a code and a reason of at most 123 bytes, or neither (RFC 6455 §5.5.1). */
  close(code: number | undefined, reason: string): Promise<void> {
    if (code === undefined) return this.#enqueue(CLOSE, new Uint8Array());
    return this.#enqueue(
      CLOSE,
      Uint8Array.of(code >> 8, code, ...new TextEncoder().encode(reason)),
    );
  }

  #enqueue(rsvAndOpcode: number, payload: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ rsvAndOpcode, payload, resolve, reject });
      if (!this.#writing) this.#drain();
    });
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#queue.length > 0) {
      const frames = this.#nextBatch();
      try {
        await this.#write(frames);
        for (const { resolve } of frames) resolve();
      } catch (error) {
        for (const { reject } of frames) reject(error);
      }
    }
    this.#writing = false;
  }

  /** The frames that fit one write, at least one. */
  #nextBatch(): QueuedFrame[] {
    let count = 0;
    for (let size = 0; count < this.#queue.length; count++) {
      size += this.#queue[count]!.payload.length;
      if (count > 0 && size > ONE_WRITE) break;
    }
    return this.#queue.splice(0, count);
  }

  async #write(frames: readonly QueuedFrame[]): Promise<void> {
    const { masked } = this.options;
    const { rsvAndOpcode, payload } = frames[0]!;
    const { length } = payload;
    if (masked || frames.length > 1 || length <= ONE_WRITE) {
      return await this.stream.write(encode(frames, masked));
    }
    // A long payload that isn't masked is written without a copy.
    const header = new Uint8Array(headerSize(length, false));
    writeHeader(header, 0, { rsvAndOpcode, length });
    await this.stream.write(header);
    await this.stream.write(payload);
  }
}

/** The bytes of `frames`, one behind the other. */
function encode(frames: readonly QueuedFrame[], masked: boolean): Uint8Array {
  let size = 0;
  for (const { payload: { length } } of frames) size += headerSize(length, masked) + length;
  const bytes = new Uint8Array(size);
  let offset = 0;
  for (const { rsvAndOpcode, payload } of frames) {
    const { length } = payload;
    const key = masked ? randomMask() : undefined;
    offset = writeHeader(bytes, offset, { rsvAndOpcode, length, key });
    bytes.set(payload, offset);
    if (key !== undefined) applyMask(bytes.subarray(offset, offset + length), key);
    offset += length;
  }
  return bytes;
}
