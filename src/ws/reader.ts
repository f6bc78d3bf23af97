/**
 * Frames from a stream, one at a time (RFC 6455 §5): nothing is read ahead while a message waits,
 * and an announced length is judged before a byte of its payload is stored.
 */
import { isUtf8 } from "node:buffer";
import { Assembly, shareWithAll } from "../core/assembly.ts";
import type { Duplex, Message } from "../core/duplex.ts";
import { preamble } from "../wrap/local.ts";
import { BufferedInput } from "./buffered_input.ts";
import { canSend, NO_CODE, ViolationError } from "./close.ts";
import { type Deflate, TooLongError } from "./deflate.ts";
import { CLOSE, type Header, parseKey, parseLength, parseStart, PING, TEXT } from "./header.ts";
import { applyMask } from "./mask.ts";

/** What a peer says: a whole message, a control frame, or nothing more. */
export type Incoming =
  | { readonly kind: "message"; readonly message: Message }
  | { readonly kind: "ping" | "pong"; readonly data: Uint8Array }
  | { readonly kind: "close"; readonly code: number; readonly reason: string }
  /** The stream ended, with or without a Close before. */
  | { readonly kind: "end" };

interface ReaderOptions {
  readonly isServer: boolean;
  /** Inflates messages, if that was agreed on. */
  readonly deflate?: Deflate;
  /** Bytes of a whole message. */
  readonly maxMessage: number;
  /** What came behind the handshake. */
  readonly rest: Uint8Array;
  /**
   * The message that is coming has been given up, with others' memory in mind; whoever waits for it
   * in `next` may not hear of it soon.
   */
  evicted(violation: ViolationError): void;
}

/** Frames that a message may come in: each is work, however short it is. */
const MAX_FRAGMENTS = 128 * 1024;

/** A frame whose payload comes next. */
interface Frame {
  readonly header: Header;
  readonly length: number;
  /** With which it is masked, if it is. */
  readonly key?: number;
}

/** A message of which not all fragments have come. */
interface Begun {
  readonly text: boolean;
  readonly compressed: boolean;
  fragments: number;
  /** Bytes that its frames have announced. */
  announced: number;
}

/** Reads one peer's frames. */
export class FrameReader {
  readonly #input: BufferedInput;
  #begun: Begun | undefined;
  /** What has come of a message in pieces. */
  #parts: Assembly | undefined;
  #partial = 0;
  #heard = -Infinity;

  constructor(private readonly source: Duplex, private readonly options: ReaderOptions) {
    this.#input = new BufferedInput(preamble(source, options.rest));
  }

  /**
   * The next message or control frame. Rejects with a `ViolationError`, after which only `drain`
   * makes sense, or as the stream does.
   */
  async next(): Promise<Incoming> {
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
    this.#parts?.drop();
    await this.#input.drain();
  }

  /** Gives the memory back. Nothing may be under way. */
  release(): void {
    this.#parts?.drop();
    this.#input.release();
  }

  /** The next frame's header; nothing at the stream's end. */
  async #header(): Promise<Frame | undefined> {
    const input = this.#input;
    const { isServer: masked, deflate } = this.options;
    if (input.waiting < 2 && !await input.fill(2)) return undefined;
    // A bad start is refused before the rest of its header, which may never come.
    const begun = this.#begun !== undefined;
    const header = this.#checked(() =>
      parseStart(input.peek(0), input.peek(1), { masked, deflate: deflate !== undefined, begun })
    );
    if (input.waiting < header.size && !await input.fill(header.size)) return undefined;
    const bytes = input.take(header.size);
    const length = this.#checked(() => parseLength(bytes));
    return { header, length, key: masked ? parseKey(bytes) : undefined };
  }

  /** A control frame, whose payload is short and in one piece (§5.5). Nothing at the stream's end. */
  async #control({ header: { opcode }, length, key }: Frame): Promise<Incoming> {
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
  async #fragment(frame: Frame): Promise<Incoming | undefined> {
    const begun = this.#begun ??= this.#begin(frame);
    this.#judge(begun, frame);
    const { header: { fin }, length, key } = frame;
    if (!fin) this.#heard = performance.now();
    let data: Uint8Array;
    if (fin && begun.fragments === 1 && this.#input.waiting >= length) {
      data = this.#input.take(length).slice();
      if (key !== undefined) applyMask(data, key);
    } else {
      const parts = this.#parts ??= this.#newParts();
      if (!await this.#payload(parts, frame)) return { kind: "end" };
      if (!fin) return undefined;
      data = parts.take();
    }
    this.#begun = undefined;
    return { kind: "message", message: this.#whole(data, begun) };
  }

  #begin({ header: { opcode, compressed } }: Frame): Begun {
    return { text: opcode === TEXT, compressed, fragments: 0, announced: 0 };
  }

  #newParts(): Assembly {
    const sharing = shareWithAll(this.options.maxMessage, (why) => {
      const violation = this.#violation(1009, why);
      this.options.evicted(violation);
      return violation;
    });
    return new Assembly(sharing);
  }

  /** Refuses what would be too much, before it comes. */
  #judge(begun: Begun, { length }: Frame): void {
    begun.announced += length;
    if (begun.announced > this.options.maxMessage) throw this.#tooLong();
    begun.fragments++;
    if (begun.fragments > MAX_FRAGMENTS) {
      throw this.#violation(1009, `a message is in more than ${MAX_FRAGMENTS} fragments`);
    }
  }

  /** Adds a frame's payload to `parts`. False at the stream's end. */
  async #payload(parts: Assembly, { length, key }: Frame): Promise<boolean> {
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

  /** A message out of the bytes that it came as. */
  #whole(bytes: Uint8Array, { text, compressed }: Begun): Message {
    const data = compressed ? this.#inflate(bytes) : bytes;
    if (text && !isUtf8(data)) throw this.#violation(1007, "a text is not UTF-8");
    return { data, text };
  }

  #inflate(bytes: Uint8Array): Uint8Array {
    try {
      return this.options.deflate!.inflate(bytes);
    } catch (error) {
      if (error instanceof TooLongError) throw this.#tooLong(error);
      throw this.#violation(1007, "a message can't be inflated", error as Error);
    }
  }

  #tooLong(cause?: Error): ViolationError {
    return this.#violation(1009, "a message is too big", cause);
  }

  /** What `parse` says; where it throws, the peer has broken the protocol. */
  #checked<T>(parse: () => T): T {
    try {
      return parse();
    } catch (error) {
      throw this.#violation(1002, (error as Error).message);
    }
  }

  #violation(code: number, reason: string, cause?: Error): ViolationError {
    return new ViolationError(this.source.peer, code, reason, { cause });
  }
}
