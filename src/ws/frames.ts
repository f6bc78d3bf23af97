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

/** permessage-deflate (RFC 7692) with its negotiated parameters. */
export interface Deflate {
  /** Our offer as a client. */
  offer(): Parameters;
  /** Takes the peer's offers, or its answer; throws what is wrong with them. */
  accept(given: readonly Parameters[]): Parameters;
  /** Lets go of zlib. Nothing may be under way. */
  cleanup(): void;
}

export interface DeflateOptions {
  readonly isServer: boolean;
  /** Bytes of a whole message once it is inflated. */
  readonly maxPayload: number;
  /** What keeps no window between messages, and so little memory. */
  readonly serverNoContextTakeover: boolean;
  readonly clientNoContextTakeover: boolean;
  readonly zlibDeflateOptions: { readonly level: number; readonly memLevel: number };
}

/** An extension's parameters by name. */
export type Parameters = Record<string, unknown>;

export interface Extensions {
  readonly "permessage-deflate"?: Deflate;
}

export const Receiver: new (options: ReceiverOptions) => Receiver = codec.Receiver;
export const Sender: new (sink: Sink, extensions: Extensions) => Sender = codec.Sender;
export const Deflate: new (options: DeflateOptions) => Deflate = codec.PerMessageDeflate;

/** `Sec-WebSocket-Extensions` (RFC 6455 §9.1) as values; `parse` throws for malformed text. */
export const extension: {
  parse(header: string): Record<string, Parameters[] | undefined>;
  format(extensions: Record<string, Parameters | readonly Parameters[]>): string;
} = codec.extension;
