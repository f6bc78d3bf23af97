/** Typed front of the frame codec of `npm:ws`, which is JavaScript without types: what is used. */
import * as codec from "ws";

/** Parses frames that are written to it (a Node stream), and tells what they were. */
export interface Receiver {
  /** `done` is called once `bytes` are parsed, with what is wrong with them. */
  write(bytes: Uint8Array, done: (problem?: CodecError | null) => void): void;
  on(event: "message", listener: (data: Uint8Array, binary: boolean) => void): void;
  on(event: "ping" | "pong", listener: (data: Uint8Array) => void): void;
  on(event: "conclude", listener: (code: number, reason: Uint8Array) => void): void;
  on(event: "error", listener: (problem: Error) => void): void;
}

/** `WS_ERR_…` as the package documents them, or zlib's own. */
export type CodecError = Error & { readonly code?: string };

export interface ReceiverOptions {
  readonly isServer: boolean;
  readonly extensions: Extensions;
  /** Bytes of a whole message. */
  readonly maxPayload: number;
  /** Fragments of a message. */
  readonly maxFragments: number;
}

/** Makes frames and writes them to a `Sink`. */
export interface Sender {
  send(
    data: Uint8Array,
    options: { binary: boolean; compress: boolean; fin: boolean; mask: boolean },
    done: Done,
  ): void;
  ping(data: Uint8Array, mask: boolean, done: Done): void;
  pong(data: Uint8Array, mask: boolean, done: Done): void;
  /** Without a code the frame is empty. */
  close(code: number | undefined, reason: string, mask: boolean, done: Done): void;
}

export type Done = (problem?: Error | null) => void;

/** The part of a Node socket that a `Sender` needs. A frame is one or two writes, the last with `done`. */
export interface Sink {
  readonly destroyed: boolean;
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array, done?: Done): void;
}

/** What the codec needs of permessage-deflate (RFC 7692). */
export interface Deflate {
  /** The codec reads its own settings here; there are none. */
  readonly params: Readonly<Record<string, never>>;
  compress(
    data: Uint8Array,
    fin: boolean,
    done: (problem: null, result: Uint8Array) => void,
  ): void;
  /** `done` must not be called before this has returned. */
  decompress(
    data: Uint8Array,
    fin: boolean,
    done: (problem: Error | null, result?: Uint8Array) => void,
  ): void;
}

/** An extension's parameters by name, each with all its values; without one it is `true`. */
export type Parameters = Record<string, readonly (string | true)[]>;

export interface Extensions {
  readonly "permessage-deflate"?: Deflate;
}

export const Receiver: new (options: ReceiverOptions) => Receiver = codec.Receiver;
export const Sender: new (sink: Sink, extensions: Extensions) => Sender = codec.Sender;

/** `Sec-WebSocket-Extensions` (RFC 6455 §9.1) as values; throws for malformed text. */
export const extension: {
  parse(header: string): Record<string, Parameters[] | undefined>;
} = codec.extension;
