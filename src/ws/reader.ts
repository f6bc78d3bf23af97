/**
 * Frames from a stream, one at a time (RFC 6455 §5): nothing is read ahead while a message waits,
 * and an announced length is judged before a byte of its payload is stored.
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

/** What a peer says: a whole message, a control frame, or nothing more. */
export type FrameEvent =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "ping" | "pong"; readonly data: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** The stream ended, with or without a Close before. */
  | { readonly kind: "end" };

export interface ReaderOptions extends ReassemblyOptions {
  readonly isServer: boolean;
  /** What came behind the handshake. */
  readonly rest: Uint8Array;
}

/** A frame whose payload comes next. */
interface Frame {
  readonly header: Header;
  readonly length: number;
  /** With which it is masked, if it is. */
  readonly key?: number;
}

/** Reads one peer's frames. */
export class FrameReader {
  readonly #input: BufferedInput;
  readonly #messages: Reassembly;
  #partial = 0;
  #heard = -Infinity;

  constructor(private readonly source: Duplex, private readonly options: ReaderOptions) {
    this.#input = new BufferedInput(preamble(source, options.rest));
    this.#messages = new Reassembly(source.peer, options);
  }

  /**
   * The next message or control frame. Rejects with a `ViolationError`, after which only `drain`
   * makes sense, or as the stream does.
   */
  async next(): Promise<FrameEvent> {
    for (let frame = await this.#header(); frame; frame = await this.#header()) {
      const incoming = frame.header.opcode >= CLOSE
        ? await this.#control(frame)
        : await this.#fragment(frame);
      if (incoming) return incoming;
    }
    return { kind: "end" };
  }

  /** When something of a message that wasn't whole came last, in `performance.now()`. */
  get heard(): number {
    return this.#heard;
  }

  /** Bytes that have come of a payload that isn't whole yet. */
  get partial(): number {
    return this.#partial;
  }

  /** Reads and drops whatever still comes, until the stream's end. */
  async drain(): Promise<void> {
    this.#messages.drop();
    await this.#input.drain();
  }

  /** Gives the memory back. Nothing may be under way. */
  release(): void {
    this.#messages.drop();
    this.#input.release();
  }

  /** The next frame's header; nothing at the stream's end. */
  async #header(): Promise<Frame | undefined> {
    const input = this.#input;
    const { isServer: masked, deflate } = this.options;
    if (input.waiting < 2 && !await input.fill(2)) return undefined;
    // A bad start is refused before the rest of its header, which may never come.
    const begun = this.#messages.fragments > 0;
    const header = this.#checked(() =>
      parseStart(input.peek(0), input.peek(1), { masked, deflate: deflate !== undefined, begun })
    );
    if (input.waiting < header.size && !await input.fill(header.size)) return undefined;
    const bytes = input.take(header.size);
    const length = this.#checked(() => parseLength(bytes));
    return { header, length, key: masked ? parseKey(bytes) : undefined };
  }

  /**
   * A control frame, whose payload is short and in one piece (§5.5). Nothing at the stream's end.
   */
  async #control({ header: { opcode }, length, key }: Frame): Promise<FrameEvent> {
    if (this.#input.waiting < length && !await this.#input.fill(length)) return { kind: "end" };
    const data = this.#input.take(length).slice();
    if (key !== undefined) applyMask(data, key);
    if (opcode !== CLOSE) return { kind: opcode === PING ? "ping" : "pong", data };
    if (length === 0) return { kind: "close", code: NO_CODE, reason: "" };
    const code = (data[0]! << 8) | data[1]!;
    const reason = data.subarray(2);
    if (!canSend(code)) throw this.#violation(1002, `the close code ${code} is invalid`);
    if (!isUtf8(reason)) throw this.#violation(1007, "the reason of a Close is not UTF-8");
    return { kind: "close", code, reason: new TextDecoder().decode(reason) };
  }

  /** Takes a message or a part of one; the message, once it is whole. */
  async #fragment({ header, length, key }: Frame): Promise<FrameEvent | undefined> {
    const messages = this.#messages;
    messages.announce(header, length);
    if (!header.fin) this.#heard = performance.now();
    if (header.fin && messages.fragments === 1 && this.#input.waiting >= length) {
      const data = this.#input.take(length).slice();
      if (key !== undefined) applyMask(data, key);
      return { kind: "message", message: messages.finish(data) };
    }
    const { parts } = messages;
    if (!await this.#payload(parts, length, key)) return { kind: "end" };
    if (header.fin) return { kind: "message", message: messages.finish(parts.take()) };
  }

  /** Adds a frame's payload to `parts`. False at the stream's end. */
  async #payload(parts: Assembly, length: number, key: number | undefined): Promise<boolean> {
    const first = this.#input.take(Math.min(length, this.#input.waiting));
    if (key !== undefined) applyMask(first, key);
    parts.add(first);
    for (let come = first.length; come < length;) {
      this.#partial = come;
      const room = parts.room(length - come);
      const count = await this.#input.read(room);
      if (count === null) return false;
      if (key !== undefined) applyMask(room.subarray(0, count), key, come);
      parts.filled(count);
      come += count;
      this.#heard = performance.now();
    }
    this.#partial = 0;
    return true;
  }

  /** What `parse` says; where it throws, the peer has broken the protocol. */
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
