/** `--frame`: makes a stream of bytes a channel of messages. */
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
  /** Whether received messages are text (WebSocket's type); `jsonl` has types of its own. */
  readonly text?: boolean;
  /**
   * Longest message to receive, bytes; 16 MiB by default. A longer one is an error, but for `raw`,
   * whose reads are no longer.
   */
  readonly maxMessage?: number;
  /**
   * Called at the close with the bytes of a partial message that are dropped, if there are some.
   */
  readonly unfinished?: (bytes: number) => void;
  /** Makes the error for an invalid stream; without it a `BrokenError`. */
  readonly fail?: (reason: string) => Error;
}

/** Bytes a read; in a raw frame, a read is a message, which has to fit a datagram. */
const READ_SIZE = LARGEST_DATAGRAM;

/** The frame without a header: each read is one message, each message one write. */
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

const DELIMITERS: Partial<Record<Frame, number>> = { line: 0x0a, nul: 0 };

const CODECS: Record<Frame, Codec> = {
  raw,
  line: delimited(0x0a),
  nul: delimited(0),
  len4,
  jsonl,
};

/**
 * A channel of the messages in `stream`. An invalid stream (too long, truncated, no JSON) rejects
 * `receive` with the error of `options.fail`.
 */
export function frame(stream: Duplex, name: Frame, options: FrameOptions = {}): Channel {
  return new Framed(stream, CODECS[name], {
    maxMessage: options.maxMessage ?? MAX_MESSAGE,
    text: options.text,
    fail: options.fail ?? ((reason) => new BrokenError("receive from", stream.peer, reason)),
  }, options.unfinished);
}

/** A message without what would only end it in that frame: its last newline, or NUL. */
export function withoutEnd(data: Uint8Array, name: Frame): Uint8Array {
  const delimiter = DELIMITERS[name];
  return delimiter !== undefined && data.at(-1) === delimiter ? data.subarray(0, -1) : data;
}

class Framed extends Wrapper<Duplex> implements Channel {
  readonly framing = "message";
  readonly typed: boolean;
  readonly #codec: Codec;
  readonly #decoder: Decoder;
  readonly #buffer: Uint8Array;
  #done = false;
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
    this.#buffer = new Uint8Array(
      codec === raw ? Math.min(READ_SIZE, options.maxMessage) : READ_SIZE,
    );
    const sharing = shareWithAll(options.maxMessage, (why) => {
      const error = options.fail(why);
      super.close(error);
      return error;
    });
    this.#decoder = codec.decoder({ ...options, sharing });
  }

  async receive(): Promise<Message | null> {
    while (!this.#done) {
      const message = this.#next();
      if (message) return message;
      const count = await this.inner.read(this.#buffer);
      if (count === null) {
        this.#done = true;
        return this.#decoder.finish();
      }
      if (count > 0) this.#decoder.push(this.#buffer.subarray(0, count));
    }
    return null;
  }

  /** The next message. After an error, `unfinished` isn't called as well. */
  #next(): Message | undefined {
    try {
      return this.#decoder.next();
    } catch (error) {
      this.#done = true;
      throw error;
    }
  }

  override close(reason?: Error): void {
    super.close(reason);
    const { partial } = this.#decoder;
    if (partial > 0 && !this.#done && !this.#closed) this.unfinished(partial);
    this.#closed = true;
    this.#decoder.drop();
  }

  /** Sends each message in one write, so that many connections can share a stream. */
  send(message: Message): Promise<void> {
    return this.inner.write(this.#codec.encode(message));
  }
}
