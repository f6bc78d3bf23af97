/** Makes a stream of bytes a channel of messages, by one of a few simple frames. */
import { BrokenError } from "../core/errors.ts";
import { shareWithAll } from "../core/assembly.ts";
import type { Channel, Duplex, Message } from "../core/duplex.ts";
import { LARGEST_DATAGRAM, MAX_MESSAGE } from "../core/limits.ts";
import type { Codec, Decoder, DecoderOptions } from "./codec.ts";
import { delimited } from "./delimited.ts";
import { jsonl } from "./jsonl.ts";
import { len4 } from "./len4.ts";
import { Wrapper } from "./wrapper.ts";

export const FRAMES = ["raw", "line", "nul", "len4", "jsonl"] as const;
export type Frame = (typeof FRAMES)[number];

export interface FrameOptions {
  /** Whether what is received is text (WebSocket's type); `jsonl` tells it by itself. */
  readonly text?: boolean;
  /** Longest message that is received, bytes; 16 MiB unless told. A longer one is an error. */
  readonly maxMessage?: number;
  /** Told at the close how many bytes of a message had come that nobody will get. */
  readonly unfinished?: (bytes: number) => void;
  /** What breaking the frame is; without it a `BrokenError`. */
  readonly fail?: (reason: string) => Error;
}

/** One read; in a raw frame it is one message, which has to fit a datagram. */
const READ_SIZE = LARGEST_DATAGRAM;

/** Each read is one message, and each message is written as it is. */
const raw: Codec = {
  decoder: ({ text }) => {
    let message: Message | undefined;
    return {
      partial: 0,
      push(data) {
        message = { data, text };
      },
      next() {
        const next = message;
        message = undefined;
        return next;
      },
      finish: () => null,
      drop() {},
    };
  },
  encode: ({ data }) => data,
};

const CODECS: Record<Frame, Codec> = {
  raw,
  line: delimited(0x0a),
  nul: delimited(0),
  len4,
  jsonl,
};

/**
 * The messages of `stream`. What breaks the frame (too long, cut short, no JSON) rejects `receive`
 * with a `BrokenError`.
 */
export function frame(stream: Duplex, name: Frame, options: FrameOptions = {}): Channel {
  return new Framed(stream, CODECS[name], {
    maxMessage: options.maxMessage ?? MAX_MESSAGE,
    text: options.text,
    fail: options.fail ?? ((reason) => new BrokenError("receive from", stream.peer, reason)),
  }, options.unfinished);
}

/** The messages in a text that stands for itself, whatever a stream says after it. */
export function messagesIn(text: Uint8Array, name: Frame): Message[] {
  const fail = (reason: string) => new BrokenError("frame", name, reason);
  const decoder = CODECS[name].decoder({ maxMessage: Infinity, fail });
  const messages: Message[] = [];
  decoder.push(text);
  for (let next = decoder.next(); next; next = decoder.next()) messages.push(next);
  const last = decoder.finish();
  return last ? [...messages, last] : messages;
}

class Framed extends Wrapper<Duplex> implements Channel {
  readonly framing = "message";
  readonly typed: boolean;
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  readonly #buffer = new Uint8Array(READ_SIZE);
  #ended = false;
  #closed = false;

  constructor(
    stream: Duplex,
    codec: Codec,
    options: DecoderOptions,
    private readonly unfinished = (_bytes: number) => {},
  ) {
    super(stream);
    this.typed = codec === jsonl;
    this.#codec = codec;
    const sharing = shareWithAll(options.maxMessage, (why) => {
      const error = options.fail(why);
      super.close(error);
      return error;
    });
    this.#decoder = codec.decoder({ ...options, sharing });
  }

  async receive(): Promise<Message | null> {
    while (!this.#ended) {
      const message = this.#next();
      if (message) return message;
      const count = await this.inner.read(this.#buffer);
      if (count === null) {
        this.#ended = true;
        return this.#decoder.finish();
      }
      if (count > 0) this.#decoder.push(this.#buffer.subarray(0, count));
    }
    return null;
  }

  /** What is wrong with the stream is told by the error, and isn't worth another word. */
  #next(): Message | undefined {
    try {
      return this.#decoder.next();
    } catch (error) {
      this.#ended = true;
      throw error;
    }
  }

  override close(reason?: Error): void {
    super.close(reason);
    const { partial } = this.#decoder;
    if (partial > 0 && !this.#ended && !this.#closed) this.unfinished(partial);
    this.#closed = true;
    this.#decoder.drop();
  }

  /** One write a message, so that messages of many connections to one stream stay whole. */
  send(message: Message): Promise<void> {
    return this.inner.write(this.#codec.encode(message));
  }
}
