/** What a frame is made of: one way to find messages in a stream, and one to put them there. */
import type { Sharing } from "../core/assembly.ts";
import type { Message } from "../core/duplex.ts";

/** Finds messages in pieces of a stream, however it was cut. */
export interface Decoder {
  /** Bytes of a message that isn't whole yet, in the stream. */
  readonly partial: number;
  /** More of the stream has come. Called only when `next` has no more to give. */
  push(chunk: Uint8Array): void;
  /** The next message; its bytes are valid until the next call. Throws when the stream is wrong. */
  next(): Message | undefined;
  /** The stream has ended: what is left as a message, or null. Throws inside of a message. */
  finish(): Message | null;
  /** Forgets what has come of a message: nobody wants it any more. */
  drop(): void;
}

/** What a decoder must know of its stream. */
export interface DecoderOptions {
  /** Longest message, bytes. */
  readonly maxMessage: number;
  /** How messages that aren't whole share memory; without it, that is the caller's own affair. */
  readonly sharing?: Sharing;
  /** The type of the messages, where the stream doesn't tell. */
  readonly text?: boolean;
  /** The error that says what is wrong with the stream. */
  fail(reason: string): Error;
}

export interface Codec {
  decoder(options: DecoderOptions): Decoder;
  /** The bytes that stand for a message; it may be the message's own array. */
  encode(message: Message): Uint8Array;
}
