/** Makes a pair of two connections: adds frames, message types, encodings and linger times. */
import type { Channel, Connection, Duplex, Message } from "../core/duplex.ts";
import { LocalError, SessionOverError, TimeoutError } from "../core/errors.ts";
import { LARGEST_DATAGRAM, MAX_MESSAGE } from "../core/limits.ts";
import type { Log } from "../core/log.ts";
import { type Pair, pairOf } from "../core/splice.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { stdio } from "../transports/stdio.ts";
import { loadCharset } from "../charset/names.ts";
import type { Charset } from "../charset/charset.ts";
import { crlf, crlfMessages, crlfWrites, toCrlf } from "../wrap/crlf.ts";
import { encoded } from "../wrap/encoding.ts";
import { type Frame, frame, withoutEnd } from "../wrap/frame.ts";
import { preambleMessages } from "../wrap/local.ts";
import { closeAfterEof, linger } from "../wrap/idle.ts";
import { limited } from "../wrap/limited.ts";
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
  /** Texts that a framed client sends first, each as a message of its own. */
  readonly send?: readonly Uint8Array[];
  /** Whether LF in what the client sends becomes CR LF. */
  readonly crlf?: boolean;
}

/** Bytes of a character that a read may leave to the next one. */
const CUT_CHARACTER = 3;

/** Maps the options of the command line to those of `pair`. */
export function pairOptions(
  { frame, text, binary, maxMessage }: FramingOptions,
  { log, send, crlf }: Pick<PairOptions, "log" | "send" | "crlf">,
): PairOptions {
  return { frame, text, binary, maxMessage, log, send, crlf };
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
  if (client.framing === "stream") {
    if (target.framing === "stream") return pairOf(options.crlf ? crlf(client) : client, target);
    return [framed(client, target, options, isStdio), withLimit(target, options)];
  }
  const limitedClient = withLimit(client, options);
  if (target.framing === "stream") return messagesToBytes(limitedClient, target, options);
  return pairOf(
    withTypes(limitedClient, target, options.text, false),
    withTypes(withLimit(target, options), client, options.text, false),
  );
}

/** The bytes of a client as messages for `other`. */
function framed(stream: Duplex, other: Channel, options: PairOptions, isStdio: boolean): Channel {
  const { send = [], crlf: converts } = options;
  const text = options.text || (isStdio && !options.binary);
  const name: Frame = options.frame ?? (isStdio && other.typed && text ? "line" : "raw");
  const isRaw = name === "raw";
  // Raw messages are pieces of one text; before any other frame, lengths would be converted, too.
  const bytes = converts && isRaw ? crlf(stream) : stream;
  const plain = framedAs(name, bytes, options, other.typed && text);
  const channel = converts && !isRaw ? crlfMessages(plain) : plain;
  const typed = withLimit(withTypes(channel, other, text, isRaw), options);
  const messages = send.map((data): Message => ({
    data: withoutEnd(converts ? toCrlf(data) : data, name),
    text: other.typed ? text : undefined,
  }));
  return messages.length > 0 ? preambleMessages(typed, messages) : typed;
}

/** A client's messages, and the bytes of a target as messages for it. */
function messagesToBytes(client: Channel, stream: Duplex, options: PairOptions): Pair {
  const { frame: name = "raw", text, crlf: converts } = options;
  // Line ends of a frame are converted as well, but no length before a message.
  const isCounted = name === "len4" || name === "jsonl";
  const bytes = converts && !isCounted ? crlfWrites(stream) : stream;
  const channel = framedAs(name, bytes, options, client.typed && text);
  return [
    converts && isCounted ? crlfMessages(client) : client,
    withLimit(withTypes(channel, client, text, name === "raw"), options),
  ];
}

function framedAs(name: Frame, stream: Duplex, options: PairOptions, isText = false): Channel {
  const { maxMessage = MAX_MESSAGE, log } = options;
  const leavesRoom = name === "raw" && isText;
  return frame(stream, name, {
    maxMessage: leavesRoom ? Math.max(maxMessage - CUT_CHARACTER, 1) : maxMessage,
    fail: localFailure(stream),
    unfinished: (bytes: number) => logUnfinished(stream, bytes, log),
  });
}

/** Holds messages to `--max-message` where their transport or frame doesn't. */
function withLimit(channel: Channel, { maxMessage = MAX_MESSAGE, crlf }: PairOptions): Channel {
  if (maxMessage >= LARGEST_DATAGRAM && !crlf) return channel;
  return limited(channel, maxMessage, localFailure(channel));
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
