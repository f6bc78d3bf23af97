/**
 * Frames from a stream, one at a time (RFC 6455 §5): nothing is read ahead while a message waits,
 * and a length is checked before a byte of its payload is stored.
 */
import { isUtf8 } from "node:buffer";
import type { Assembly } from "../core/assembly.ts";
import type { Duplex, Message } from "../core/duplex.ts";
import { preamble } from "../wrap/local.ts";
import { BufferedInput } from "./buffered_input.ts";
import { canSend, NO_CODE, ViolationError } from "./close.ts";
import { CLOSE, type Header, parseKey, parseLength, parseStart, PING } from "./header.ts";
import { applyMask } from "./mask.ts";
import { Reassembly, type ReassemblyOptions } from "./reassembly.ts";

/** What was read: a whole message, a control frame, or EOF. */
export type FrameEvent =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "ping" | "pong"; readonly data: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** EOF, with or without a Close before it. */
  | { readonly kind: "eof" };

export interface ReaderOptions extends ReassemblyOptions {
  readonly isServer: boolean;
  /** Bytes received right behind the handshake. */
  readonly rest: Uint8Array;
}

/** The start of a frame, whose payload comes next. */
interface FrameStart {
  readonly header: Header;
  readonly length: number;
  /** The masking key, if it is masked. */
  readonly key?: number;
}

/** Reads one peer's frames. */
export class FrameReader {
  readonly #input: BufferedInput;
  readonly #messages: Reassembly;
  #partial = 0;
  #partialAt = -Infinity;

  constructor(private readonly source: Duplex, private readonly options: ReaderOptions) {
    this.#input = new BufferedInput(preamble(source, options.rest));
    this.#messages = new Reassembly(source.peer, options);
  }

  /**
   * The next message or control frame. Rejects as the stream does, or with a `ViolationError`,
   * after which only `drain` may be called.
   */
  async next(): Promise<FrameEvent> {
    const input = this.#input;
    for (;;) {
      const frame = this.#start();
      if (frame && this.#isWhole(frame)) return this.#whole(frame);
      if (frame && frame.header.opcode < CLOSE) {
        const event = await this.#fragment(frame);
        if (event) return event;
      } else {
        // A control frame is short and in one piece (§5.5).
        const needed = frame ? frame.header.size + frame.length : input.buffered + 1;
        if (!await input.fill(needed)) return { kind: "eof" };
      }
    }
  }

  /** The next message, if it has been read whole. Throws a `ViolationError` as `next` rejects. */
  received(): Message | undefined {
    const frame = this.#start();
    if (!frame || frame.header.opcode >= CLOSE || !this.#isWhole(frame)) return undefined;
    return this.#message(frame);
  }

  /** When bytes of a partial message last came, in `performance.now()`. */
  get partialAt(): number {
    return this.#partialAt;
  }

  /** Whether a message has begun in fragments, and not ended (§5.4). */
  get isWithinMessage(): boolean {
    return this.#messages.fragments > 0;
  }

  /** Bytes received of a partial payload. */
  get partial(): number {
    return this.#partial;
  }

  /** Reads and drops everything up to EOF. */
  async drain(): Promise<void> {
    this.#messages.drop();
    await this.#input.drain();
  }

  /** Frees the buffers. No read may be pending. */
  release(): void {
    this.#messages.drop();
    this.#input.release();
  }

  /** The header that comes next, which stays in the buffer; undefined if it isn't there whole. */
  #start(): FrameStart | undefined {
    const input = this.#input;
    const { isServer: masked, deflate } = this.options;
    if (input.buffered < 2) return undefined;
    // An invalid start is refused at once: the rest of the header may never come.
    const inMessage = this.#messages.fragments > 0;
    const rules = { masked, deflate: deflate !== undefined, inMessage };
    const header = this.#checked(() => parseStart(input.peek(0), input.peek(1), rules));
    if (input.buffered < header.size) return undefined;
    const bytes = input.look(header.size);
    const length = this.#checked(() => parseLength(bytes));
    return { header, length, key: masked ? parseKey(bytes) : undefined };
  }

  /** Whether a frame stands in the buffer up to its end, and is all of a message or a control. */
  #isWhole({ header: { opcode, fin, size }, length }: FrameStart): boolean {
    const isAlone = opcode >= CLOSE || (fin && this.#messages.fragments === 0);
    return isAlone && this.#input.buffered >= size + length;
  }

  #whole(frame: FrameStart): FrameEvent {
    const { opcode } = frame.header;
    if (opcode < CLOSE) return { kind: "message", message: this.#message(frame) };
    const data = this.#take(frame);
    if (opcode !== CLOSE) return { kind: opcode === PING ? "ping" : "pong", data };
    if (data.length === 0) return { kind: "close", code: NO_CODE, reason: "" };
    const code = (data[0]! << 8) | data[1]!;
    const reason = data.subarray(2);
    if (!canSend(code)) throw this.#violation(1002, `the close code ${code} is invalid`);
    if (!isUtf8(reason)) throw this.#violation(1007, "the reason of a Close is not UTF-8");
    return { kind: "close", code, reason: new TextDecoder().decode(reason) };
  }

  #message(frame: FrameStart): Message {
    this.#messages.announce(frame.header, frame.length);
    return this.#messages.finish(this.#take(frame));
  }

  /** Takes a whole frame, and returns its payload. */
  #take({ header, length, key }: FrameStart): Uint8Array {
    this.#input.take(header.size);
    const data = this.#input.take(length).slice();
    if (key !== undefined) applyMask(data, key);
    return data;
  }

  /** Reads the payload of a data frame (§5.4). Resolves with the message once it is whole. */
  async #fragment({ header, length, key }: FrameStart): Promise<FrameEvent | undefined> {
    const messages = this.#messages;
    this.#input.take(header.size);
    messages.announce(header, length);
    if (!header.fin) this.#partialAt = performance.now();
    const { parts } = messages;
    if (!await this.#payload(parts, length, key)) return { kind: "eof" };
    if (header.fin) return { kind: "message", message: messages.finish(parts.take()) };
  }

  /** Reads a frame's payload into `parts`. False at EOF. */
  async #payload(parts: Assembly, length: number, key: number | undefined): Promise<boolean> {
    const buffered = this.#input.take(Math.min(length, this.#input.buffered));
    if (key !== undefined) applyMask(buffered, key);
    parts.add(buffered);
    for (let received = buffered.length; received < length;) {
      this.#partial = received;
      const space = parts.room(length - received);
      const count = await this.#input.read(space);
      if (count === null) return false;
      if (key !== undefined) applyMask(space.subarray(0, count), key, received);
      parts.filled(count);
      received += count;
      this.#partialAt = performance.now();
    }
    this.#partial = 0;
    return true;
  }

  /** The result of `parse`; what it throws becomes a violation. */
  #checked<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw this.#violation(1002, (error as Error).message);
    }
  }

  #violation(code: number, reason: string): ViolationError {
    return new ViolationError(this.source.peer, code, reason);
  }
}
