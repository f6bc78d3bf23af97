/** Gives messages a type, and checks that text is UTF-8 (RFC 6455 §8.1). */
import { concat } from "../core/bytes.ts";
import type { Channel, Message } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { ChannelWrapper } from "./wrapper.ts";

interface TextOptions {
  /** The type of messages that have none yet. */
  readonly text: boolean;
  /** Messages are chunks of one text (`raw`): a split character is moved to the second. */
  readonly joined: boolean;
  /** Makes the error for text that isn't UTF-8; without it a `BrokenError`. */
  readonly fail?: (reason: string) => Error;
}

/** The same channel, whose received messages have a type, and whose text is UTF-8. */
export function typedMessages(channel: Channel, options: TextOptions): Channel {
  return new TypedMessages(channel, options);
}

class TypedMessages extends ChannelWrapper {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** Bytes of an incomplete character. */
  #incomplete: Uint8Array = new Uint8Array();

  constructor(inner: Channel, private readonly options: TextOptions) {
    super(inner);
  }

  override get typed(): boolean {
    return true;
  }

  override async receive(): Promise<Message | null> {
    for (;;) {
      const message = await this.inner.receive();
      if (message === null) {
        if (this.#incomplete.length > 0) throw this.#notText();
        return null;
      }
      const text = message.text ?? this.options.text;
      if (!text) return { ...message, text };
      const whole = this.#incomplete.length > 0
        ? concat([this.#incomplete, message.data])
        : message.data;
      const length = this.options.joined ? whole.length - incompleteLength(whole) : whole.length;
      this.#incomplete = whole.slice(length);
      const data = whole.subarray(0, length);
      this.#check(data);
      // A message that is only part of a character is joined with the next one.
      if (data.length > 0 || whole.length === 0) return { data, text };
    }
  }

  #check(data: Uint8Array): void {
    try {
      this.#decoder.decode(data);
    } catch {
      throw this.#notText();
    }
  }

  #notText(): Error {
    const reason = "not UTF-8 text; use --binary";
    return this.options.fail?.(reason) ?? new BrokenError("receive from", this.peer, reason);
  }
}

/** The highest lead byte (RFC 3629 §4). */
const LAST_LEAD = 0xf4;

/** Number of bytes of an incomplete UTF-8 character at the end (RFC 3629 §3). */
function incompleteLength(bytes: Uint8Array): number {
  for (let count = 1; count <= Math.min(3, bytes.length); count++) {
    const byte = bytes[bytes.length - count]!;
    if (byte >= 0xc0) {
      if (byte > LAST_LEAD) return 0;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > count ? count : 0;
    }
    if (byte < 0x80) return 0;
  }
  return 0;
}
