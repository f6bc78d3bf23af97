/** Messages that are text have to be UTF-8 (RFC 6455 §8.1): what comes from bytes is made so. */
import { concat } from "../core/bytes.ts";
import type { Channel, Message } from "../core/duplex.ts";
import { BrokenError } from "../core/errors.ts";
import { ChannelWrapper } from "./wrapper.ts";

interface TextOptions {
  /** The type of messages that have none yet. */
  readonly text: boolean;
  /** Messages are pieces of one text (`raw`): a character that two share goes into the second. */
  readonly joined: boolean;
  /** What a message that isn't UTF-8 is; without it a `BrokenError`. */
  readonly fail?: (reason: string) => Error;
}

/** The same channel, where every message that is received has a type and text is UTF-8. */
export function typedMessages(channel: Channel, options: TextOptions): Channel {
  return new Typed(channel, options);
}

class Typed extends ChannelWrapper {
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  /** The beginning of a character whose rest is still to come. */
  #cut: Uint8Array = new Uint8Array();

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
        if (this.#cut.length > 0) throw this.#notText();
        return null;
      }
      const text = message.text ?? this.options.text;
      if (!text) return { ...message, text };
      const whole = this.#cut.length > 0 ? concat([this.#cut, message.data]) : message.data;
      const length = this.options.joined ? whole.length - cutLength(whole) : whole.length;
      this.#cut = whole.slice(length);
      const data = whole.subarray(0, length);
      this.#check(data);
      // A message that is nothing but the beginning of a character waits for the next one.
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

/** No character begins with a higher byte: whatever follows, it is invalid (RFC 3629 §4). */
const LAST_LEAD = 0xf4;

/** How many bytes at the end begin a UTF-8 character that isn't complete (RFC 3629 §3). */
function cutLength(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back]!;
    if (byte >= 0xc0) {
      if (byte > LAST_LEAD) return 0;
      const length = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : 2;
      return length > back ? back : 0;
    }
    if (byte < 0x80) return 0;
  }
  return 0;
}
