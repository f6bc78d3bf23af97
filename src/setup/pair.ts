/** Makes a pair of two connections: adds frames, message types, encodings and linger times. */
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

/** Options on framing between bytes and messages. */
export type FramingOptions =
  & Omit<OptionsOf<typeof framingFlags>, keyof EncodingOptions>
  & Pick<OptionsOf<typeof dialerFlags>, "maxMessage">;

/** Options of `pair`. */
export interface PairOptions extends FramingOptions {
  /** Gets a warning when an unfinished message is dropped at EOF. */
  readonly log: Log;
  /** Texts that a framed client sends first; each ends with its last message. */
  readonly send?: readonly Uint8Array[];
}

/** Maps the options of the command line to those of `pair`. */
export function pairOptions(options: FramingOptions, log: Log): PairOptions {
  const { frame, text, binary, maxMessage } = options;
  return { frame, text, binary, maxMessage, log };
}

/**
 * Two connections as a pair. Where one has bytes and the other messages, the bytes get the frame
 * that is asked for: by default `raw`, or `line` for stdin's text to a WebSocket.
 *
 * @param isStdio Whether `client` is our own stdin and stdout.
 */
export function pair(
  client: Connection,
  target: Connection,
  options: PairOptions,
  isStdio: boolean,
): Pair {
  if (client.framing === target.framing) {
    return client.framing === "stream" ? pairOf(client, target) : pairOf(
      withTypes(client, target as Channel, options.text, false),
      withTypes(target as Channel, client, options.text, false),
    );
  }
  return client.framing === "stream"
    ? [framed(client, target as Channel, options, isStdio), target as Channel]
    : [client, framed(target as Duplex, client, options, false)];
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
  // Texts contain these frames themselves, whole or in parts.
  const containsFrames = name === "len4" || name === "jsonl";
  if (containsFrames) return frame(preamble(stream, concat(send)), name, framing);
  // A text of its own is a message, also one that is empty.
  const messages = send.flatMap((data) => data.length > 0 ? messagesIn(data, name) : { data });
  return preambleMessages(frame(stream, name, framing), messages);
}

/** Warns of an unfinished message, which isn't sent because it would look like a whole one. */
function logUnfinished({ peer }: Duplex, bytes: number, log: Log): void {
  const text = `${peer}: dropped ${bytes} bytes of a message that didn't come to its end`;
  log.warn("unfinished", text, { peer, bytes });
}

/** Gives messages a type where they have none and `other` needs one. */
function withTypes(channel: Channel, other: Channel, text: boolean, joined: boolean): Channel {
  if (channel.typed || !other.typed) return channel;
  return typedMessages(channel, { text, joined, fail: localFailure(channel) });
}

/** Makes the error for invalid input of stdin, which is our own failure; undefined for a peer. */
function localFailure({ peer }: Connection): ((reason: string) => Error) | undefined {
  return peer === stdio.peer ? (reason) => new LocalError("read", "stdin", reason) : undefined;
}

/** The peer's text encoding; undefined for UTF-8. Rejects with a `UsageError`. */
export async function charsetOf({ encoding }: EncodingOptions): Promise<Charset | undefined> {
  return encoding === undefined ? undefined : await loadCharset(encoding);
}

/** The peer with its text converted from and to UTF-8. */
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

/** Silence after our EOF that stands for the peer's EOF where it can't send one, milliseconds. */
const LINGER = 1000;

/**
 * The connection with `--send-only`: it is closed `ms` milliseconds after our EOF, whatever the
 * peer still sends. That is an error only where bytes are lost that the peer hasn't taken. A
 * command that is still running is terminated, with a warning.
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
 * The connection with `--linger`: it is closed after `ms` milliseconds of silence after our EOF.
 * That is an error, except where EOF can't be sent and silence is the normal way to finish.
 */
export function withLinger(connection: Connection, ms: number | undefined): Connection {
  const silenceIsEof = !connection.halfClose;
  const wait = ms ?? (silenceIsEof ? LINGER : undefined);
  if (wait === undefined) return connection;
  return linger(
    connection,
    wait,
    () =>
      silenceIsEof
        ? undefined
        : new TimeoutError("linger", connection.peer, `silent for ${wait / 1000} s after our end`),
  );
}
