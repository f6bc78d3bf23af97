/** Messages out of their frames (RFC 6455 §5.4): joined, inflated, and checked. */
import { isUtf8 } from "node:buffer";
import { Assembly, shareWithAll } from "../core/assembly.ts";
import type { Message } from "../core/duplex.ts";
import { ViolationError } from "./close.ts";
import { type Deflate, longestCompressed, TooLongError } from "./deflate.ts";
import { type Header, TEXT } from "./header.ts";

export interface ReassemblyOptions {
  /** Inflates messages, if that was agreed on. */
  readonly deflate?: Deflate;
  /** Longest message, inflated, bytes. */
  readonly maxMessage: number;
  /**
   * The partial message was evicted to free memory for others. The pending read may not fail before
   * the next byte comes.
   */
  evicted(violation: ViolationError): void;
}

/** Most frames of one message: each takes time, however short it is. */
const MAX_FRAGMENTS = 128 * 1024;

/** A message of which not all frames have come. */
interface PartialMessage {
  readonly text: boolean;
  readonly compressed: boolean;
  fragments: number;
  /** Sum of its frames' lengths, bytes. */
  length: number;
}

/** One peer's messages, one after the other. All methods throw a `ViolationError`. */
export class Reassembly {
  #partial: PartialMessage | undefined;
  #parts: Assembly | undefined;

  constructor(private readonly peer: string, private readonly options: ReassemblyOptions) {}

  /** Frames of the partial message so far; 0 between two messages. */
  get fragments(): number {
    return this.#partial?.fragments ?? 0;
  }

  /** Holds the payloads of a fragmented message. */
  get parts(): Assembly {
    return this.#parts ??= new Assembly(
      shareWithAll(this.#longest(this.options.deflate !== undefined), (why) => {
        const violation = this.#violation(1009, why);
        this.options.evicted(violation);
        return violation;
      }),
    );
  }

  /** Counts a frame before its payload is read, and refuses one that is too much. */
  announce({ opcode, compressed }: Header, length: number): void {
    const partial = this.#partial ??= {
      text: opcode === TEXT,
      compressed,
      fragments: 0,
      length: 0,
    };
    partial.length += length;
    if (partial.length > this.#longest(partial.compressed)) throw this.#tooLong();
    partial.fragments++;
    if (partial.fragments > MAX_FRAGMENTS) {
      throw this.#violation(1009, `a message is in more than ${MAX_FRAGMENTS} fragments`);
    }
  }

  /** Completes the message, of which `bytes` are the payloads of all frames. */
  finish(bytes: Uint8Array): Message {
    const { text, compressed } = this.#partial!;
    this.#partial = undefined;
    const data = compressed ? this.#inflate(bytes) : bytes;
    if (text && !isUtf8(data)) throw this.#violation(1007, "a text is not UTF-8");
    return { data, text };
  }

  /** Drops the bytes of a partial message. */
  drop(): void {
    this.#parts?.drop();
  }

  /** Bytes that a message may have as it arrives. */
  #longest(compressed: boolean): number {
    const { maxMessage } = this.options;
    return compressed ? longestCompressed(maxMessage) : maxMessage;
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

  #violation(code: number, reason: string, cause?: Error): ViolationError {
    return new ViolationError(this.peer, code, reason, { cause });
  }
}
