/** The parts of a frame: a decoder of messages in a stream, and an encoder. */
import type { Sharing } from "../core/assembly.ts";
import type { Message } from "../core/duplex.ts";

/** Finds messages in chunks of a stream, split anywhere. */
export interface Decoder {
  /** Bytes of the stream that belong to a partial message. */
  readonly partial: number;
  /** Takes the next chunk. Called only after `next` has returned undefined. */
  push(chunk: Uint8Array): void;
  /** The next message; its bytes are valid until the next call. Throws `fail`'s error. */
  next(): Message | undefined;
  /** At EOF, the rest as a message, or null. Throws `fail`'s error inside a message. */
  finish(): Message | null;
  /** Drops a partial message. */
  drop(): void;
}

/** What a decoder needs. */
export interface DecoderOptions {
  /** Longest message, bytes. */
  readonly maxMessage: number;
  /** The budget for partial messages; without it, memory is limited by `maxMessage` alone. */
  readonly sharing?: Sharing;
  /** The type of the messages, if the frame has none. */
  readonly text?: boolean;
  /** Makes the error for an invalid stream. */
  fail(reason: string): Error;
}

export interface Codec {
  decoder(options: DecoderOptions): Decoder;
  /** The bytes of a framed message; may return the message's own array. */
  encode(message: Message): Uint8Array;
}
