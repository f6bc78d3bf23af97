/** Bringing two ends together: bytes and messages meet in a frame, types and encodings are set. */
import { concat } from "../core/bytes.ts";
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { LocalError, SessionOverError, TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Pair, pairOf } from "../core/splice.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { stdio } from "../transports/stdio.ts";
import { loadCharset } from "../charset/names.ts";
import type { Charset } from "../charset/charset.ts";
import { encoded } from "../wrap/encoding.ts";
import { type Frame, frame, messagesIn } from "../wrap/frame.ts";
import { preamble, preambleMessages } from "../wrap/local.ts";
import { closeAfterEof, linger } from "../wrap/idle.ts";
import { typedMessages } from "../wrap/text_messages.ts";
import type { dialerFlags, encodingFlags, framingFlags } from "../options/groups.ts";

type EncodingOptions = OptionsOf<typeof encodingFlags>;

/** What the command line says about how bytes and messages meet. */
export type FramingOptions =
  & Omit<OptionsOf<typeof framingFlags>, keyof EncodingOptions>
  & Pick<OptionsOf<typeof dialerFlags>, "maxMessage">;

/** What decides how bytes and messages meet. */
export interface PairOptions extends FramingOptions {
  /** Where it is told what of a message was lost because its end didn't come. */
  readonly log: Log;
  /** What our own end says first, where it says messages: each ends with its text. */
  readonly send?: readonly Uint8Array[];
}

/** What `pair` is told by the command line. */
export function pairOptions(options: FramingOptions, log: Log): PairOptions {
  const { frame, text, binary, maxMessage } = options;
  return { frame, text, binary, maxMessage, log };
}

/**
 * Two ends as a pair. Between two of a kind nothing is added; between bytes and messages stands the
 * frame that was asked for, else `raw`, or `line` where a person's lines become text messages.
 *
 * @param isStdio Whether `first` is our own stdin and stdout.
 */
export function pair(
  first: Connection,
  second: Connection,
  options: PairOptions,
  isStdio: boolean,
): Pair {
  if (first.framing === second.framing) {
    return first.framing === "stream" ? pairOf(first, second) : pairOf(
      withTypes(first, second as Channel, options.text, false),
      withTypes(second as Channel, first, options.text, false),
    );
  }
  return first.framing === "stream"
    ? [framed(first, second as Channel, options, isStdio), second as Channel]
    : [first, framed(second as Duplex, first, options, false)];
}

function framed(stream: Duplex, other: Channel, options: PairOptions, isStdio: boolean): Channel {
  const text = options.text || (isStdio && !options.binary);
  const name: Frame = options.frame ?? (isStdio && other.typed && text ? "line" : "raw");
  const channel = framedAs(name, stream, options);
  return withTypes(channel, other, text, name === "raw");
}

function framedAs(name: Frame, stream: Duplex, options: PairOptions): Channel {
  const { maxMessage, log, send = [] } = options;
  const framing = {
    maxMessage,
    fail: localFailure(stream),
    unfinished: (bytes: number) => logUnfinished(stream, bytes, log),
  };
  if (send.length === 0) return frame(stream, name, framing);
  // These frames are written out in the texts, and a text can be any part of one.
  const written = name === "len4" || name === "jsonl";
  if (written) return frame(preamble(stream, concat(send)), name, framing);
  const first = send.flatMap((text) => messagesIn(text, name));
  return preambleMessages(frame(stream, name, framing), first);
}

/**
 * A message that has no end can't be sent as if it were whole, and mustn't vanish without a word.
 */
function logUnfinished({ peer }: Duplex, bytes: number, log: Log): void {
  const text = `${peer}: dropped ${bytes} bytes of a message that didn't come to its end`;
  log.warn("unfinished", text, { peer, bytes });
}

/** Gives messages a type where they have none and the other side needs one. */
function withTypes(channel: Channel, other: Channel, text: boolean, joined: boolean): Channel {
  if (channel.typed || !other.typed) return channel;
  return typedMessages(channel, { text, joined, fail: localFailure(channel) });
}

/** Whose text is wrong: what stdin says that can't be understood is our own failure, no peer's. */
function localFailure({ peer }: Connection): ((reason: string) => Error) | undefined {
  return peer === stdio.peer ? (reason) => new LocalError("read", "stdin", reason) : undefined;
}

/** The encoding that the peer speaks; none where it speaks UTF-8. Rejects with a `UsageError`. */
export async function charsetOf({ encoding }: EncodingOptions): Promise<Charset | undefined> {
  return encoding === undefined ? undefined : await loadCharset(encoding);
}

/** The peer, speaking UTF-8 to us whatever it speaks by itself. */
export function withCharset(
  peer: Connection,
  charset: Charset | undefined,
  { encodingErrors }: EncodingOptions,
): Connection {
  if (!charset) return peer;
  return peer.framing === "stream"
    ? encoded(peer, charset, encodingErrors)
    : encoded(peer, charset, encodingErrors);
}

/** Silence after our own end that means the end, where nothing else shows it, milliseconds. */
const LINGER = 1000;

/**
 * The end with `--send-only`: nothing that the peer says is waited for, so its time is over `ms`
 * after our own end, and that is no error. A command that is still running then is ended; a peer
 * that talks on and on, and takes nothing of what is on its way to it, is told of.
 */
export function withSendOnlyLinger(connection: Connection, ms = LINGER, log: Log): Connection {
  return closeAfterEof(connection, ms, (lost) => {
    if (lost > 0) {
      const reason = `takes nothing for ${ms / 1000} s: ${lost} bytes that were sent are lost`;
      return new TimeoutError("linger", connection.peer, reason);
    }
    if (!connection.own) return undefined;
    const reason = `still running ${ms / 1000} s after our end: ended (--linger)`;
    log.warn("left", `${connection.peer}: ${reason}`, { peer: connection.peer });
    return new SessionOverError("close", connection.peer, reason);
  });
}

/**
 * The end with `--linger`: an expired one is an error, unless silence is the normal end, as it is
 * where a peer can't hear that we are done.
 */
export function withLinger(connection: Connection, ms: number | undefined): Connection {
  const silenceEnds = !connection.halfClose;
  const wait = ms ?? (silenceEnds ? LINGER : undefined);
  if (wait === undefined) return connection;
  return linger(
    connection,
    wait,
    () =>
      silenceEnds
        ? undefined
        : new TimeoutError("linger", connection.peer, `silent for ${wait / 1000} s after our end`),
  );
}
