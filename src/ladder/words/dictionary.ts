/** What a language has to say about ladders. `{…}` in a text is filled in. */
import type { ArrowKind, NoteKind, Party } from "../ladder.ts";

/** What can be explained. */
export type Lesson =
  | NoteKind
  | "connect over TCP"
  | "connect"
  | "accept over TCP"
  | "accept"
  | "connection over TCP"
  | "connection"
  | "refused"
  | "tls"
  | "request"
  | "upgraded"
  | "not upgraded"
  | "first bytes"
  | "bytes"
  | "datagram"
  | "message"
  | "fin"
  | "last fin"
  | "close"
  | "Close"
  | "reset"
  | "over UDP"
  | "fold";

export interface Dictionary {
  /** The language's tag, for documents. */
  readonly tag: string;
  readonly roles: Readonly<Record<Party["role"], string>>;
  /** `{id}` of a connection. */
  readonly heading: string;
  /** `{time}` since the recording began. */
  readonly begins: string;
  /** Arrows without a payload; `{time}` and `{code}`. */
  readonly arrows: Readonly<
    Record<Exclude<ArrowKind, "request" | "response" | "bytes" | "message">, string>
  >;
  /** A WebSocket's Close with its `{code}`. */
  readonly closeFrame: string;
  /** After an attempt that got no answer. */
  readonly noAnswer: string;
  /** `{text}` and `{time}`. */
  readonly notes: Readonly<Record<NoteKind, string>>;
  /** After a number that isn't 1, and the same after 1. */
  readonly units: Readonly<Record<"bytes" | "message", readonly [many: string, one: string]>>;
  /** After a size, the `{time}` that it took. */
  readonly took: string;
  readonly comma: string;
  /** `{time}` in which nothing happened. */
  readonly pause: string;
  /** In a sentence or two, for who is learning; `{from}` and `{to}` are roles. */
  readonly lessons: Readonly<Record<Lesson, string>>;
  /** How the lines are to be read. */
  readonly legend: string;
}
