/** Messages out of their frames (RFC 6455 §5.4): joined, inflated, and checked. */
import { isUtf8 } from "node:buffer";
import { Assembly, shareWithAll } from "../core/assembly.ts";
import type { Message } from "../core/duplex.ts";
import { ViolationError } from "./close.ts";
import { type Deflate, TooLongError } from "./deflate.ts";
import { type Header, TEXT } from "./header.ts";

export interface ReassemblyOptions {
  /** Inflates messages, if that was agreed on. */
  readonly deflate?: Deflate;
  /** Bytes of a whole message. */
  readonly maxMessage: number;
  /**
   * The message that is coming has been given up, with others' memory in mind; whoever waits for it
   * may not hear of it soon.
   */
  evicted(violation: ViolationError): void;
}

/** Frames that a message may come in: each is work, however short it is. */
const MAX_FRAGMENTS = 128 * 1024;

/** A message of which not all frames have come. */
interface Begun {
  readonly text: boolean;
  readonly compressed: boolean;
  fragments: number;
  /** Bytes that its frames have announced. */
  announced: number;
}

/** One peer's messages, one after the other. All methods throw a `ViolationError`. */
export class Reassembly {
  #begun: Begun | undefined;
  #parts: Assembly | undefined;

  constructor(private readonly peer: string, private readonly options: ReassemblyOptions) {}

  /** Frames of the message that have been announced; none between two messages. */
  get fragments(): number {
    return this.#begun?.fragments ?? 0;
  }

  /** Where the payloads of a message in pieces go. */
  get parts(): Assembly {
    return this.#parts ??= new Assembly(
      shareWithAll(this.options.maxMessage, (why) => {
        const violation = this.#violation(1009, why);
        this.options.evicted(violation);
        return violation;
      }),
    );
  }

  /** Takes note of a frame, and refuses what would be too much before it comes. */
  announce({ opcode, compressed }: Header, length: number): void {
    const begun = this.#begun ??= { text: opcode === TEXT, compressed, fragments: 0, announced: 0 };
    begun.announced += length;
    if (begun.announced > this.options.maxMessage) throw this.#tooLong();
    begun.fragments++;
    if (begun.fragments > MAX_FRAGMENTS) {
      throw this.#violation(1009, `a message is in more than ${MAX_FRAGMENTS} fragments`);
    }
  }

  /** The message, out of the payloads of all its frames. */
  finish(bytes: Uint8Array): Message {
    const { text, compressed } = this.#begun!;
    this.#begun = undefined;
    const data = compressed ? this.#inflate(bytes) : bytes;
    if (text && !isUtf8(data)) throw this.#violation(1007, "a text is not UTF-8");
    return { data, text };
  }

  /** Forgets what has come of a message. */
  drop(): void {
    this.#parts?.drop();
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
