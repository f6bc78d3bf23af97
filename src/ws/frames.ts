/** Typed front of the frame codec of `npm:ws`, which is JavaScript without types: what is used. */
import * as codec from "ws";
import type { Deflate } from "./deflate.ts";

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
interface Sink {
  readonly destroyed: boolean;
  cork(): void;
  uncork(): void;
  write(bytes: Uint8Array, done?: Done): void;
}

/** An extension's parameters by name, each with all its values; without one it is `true`. */
export type Parameters = Record<string, readonly (string | true)[]>;

export interface Extensions {
  readonly "permessage-deflate"?: Deflate;
}

export const Sender: new (sink: Sink, extensions: Extensions) => Sender = codec.Sender;

/** `Sec-WebSocket-Extensions` (RFC 6455 §9.1) as values; throws for malformed text. */
export const extension: {
  parse(header: string): Record<string, Parameters[] | undefined>;
} = codec.extension;
