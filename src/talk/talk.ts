/** Connects a peer to our stdin and stdout, as `server` and `client` do. */
import { concat } from "../core/bytes.ts";
import { type Connection, type Duplex, isWebSocket } from "../core/duplex.ts";
import { BrokenError, CloseError, ExpectationError, SessionOverError } from "../core/errors.ts";
import { closeGracefully } from "../core/graceful_close.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { Log } from "../core/log.ts";
import { splice, type Until } from "../core/splice.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isInteractive, outputIsTerminal } from "../transports/stdio.ts";
import type { Charset } from "../charset/charset.ts";
import { expect, formatPattern } from "../wrap/expect.ts";
import {
  preamble,
  safeForTerminal,
  withoutInput,
  withoutOutput,
  withSilentInput,
} from "../wrap/local.ts";
import { prefix, type SharedLines } from "../wrap/prefix.ts";
import { separate } from "../wrap/separate.ts";
import { tap } from "../wrap/tap.ts";
import { withUndelivered } from "../wrap/undelivered.ts";
import type { encodingFlags } from "../options/groups.ts";
import type { generalFlags } from "../options/general.ts";
import type { talkFlags } from "./options.ts";
import { type Expectation, patternOf } from "./expect_within.ts";
import { type OwnEnd, ownEnd } from "./own_end.ts";
import {
  type FramingOptions,
  pair,
  pairOptions,
  withCharset,
  withLinger,
  withSendOnlyLinger,
} from "../setup/pair.ts";

export type TalkOptions =
  & OptionsOf<typeof talkFlags>
  & OptionsOf<typeof encodingFlags>
  & FramingOptions;

/** Parts of a conversation besides its peer and options. */
interface TalkContext {
  /** Our own stdin and stdout, or a member of their `Tee`. */
  readonly input: Duplex;
  /** The peer's text encoding, where that isn't UTF-8. */
  readonly charset: Charset | undefined;
  readonly log: Log;
  /** Whether to tell a person of half-closes. */
  readonly tellsEnds: boolean;
  /** The lines of our stdout. */
  readonly lines: SharedLines;
  /** Searches, and hears of the match of what is expected; then the peer is closed. */
  readonly expectation: Expectation;
}

/**
 * Joins `peer` to stdin and stdout until EOF both ways, or as `--eof` and what is expected say.
 * Rejects with the connection's error, or with an `ExpectationError` at an EOF without a match.
 */
export async function talk(
  peer: Connection,
  options: TalkOptions,
  context: TalkContext,
): Promise<void> {
  const { linger, send, crlf } = options;
  const pattern = patternOf(options);
  const { input, charset, log, lines, tellsEnds, expectation } = context;
  let local = localOutput(localInput(input, peer, options), peer, options, lines);
  const told = tellsEnds ? withEndsTold(peer, options, log) : peer;
  const heard = told.framing === "message" && tellsUndelivered(options, peer)
    ? withUndelivered(told)
    : told;
  const timed = options.sendOnly
    ? withSendOnlyLinger(heard, linger, log)
    : withLinger(heard, linger);
  const remote = withCharset(timed, charset, options);
  const when = until(options, peer);
  const pairing = pairOptions(options, { log, send, crlf });
  if (!pattern) return await splice(pair(local, remote, pairing, true), when);

  const expected = expect(local, pattern, expectation.searcher);
  local = expected.connection;
  const over = splice(pair(local, remote, pairing, true), when)
    .then(() => "the end came", endOf)
    .then((end) => {
      const reason = `${end} before anything matched ${formatPattern(pattern)}`;
      throw new ExpectationError("expect", peer.peer, reason + expected.caveat);
    });
  over.catch(() => {}); // Closing below may reject it after the race is decided.
  try {
    await Promise.race([expected.matched.then(() => expectation.matched()), over]);
  } finally {
    local.close();
    await closeGracefully(peer);
  }
}

/** How the peer has ended the connection. Throws what isn't its doing: a deadline, our stdout. */
function endOf(error: Error): string {
  if (error instanceof SessionOverError) return "the end came";
  if (error instanceof BrokenError || error instanceof CloseError) return `${error.reason},`;
  throw error;
}

/**
 * The same peer, with a log of the half-closes that a person at the terminal should know of: `-v`
 * logs them itself.
 */
function withEndsTold(peer: Connection, options: TalkOptions, log: Log): Connection {
  if (log.enabled("debug")) return peer;
  const means = peer.halfClose
    ? `, and ${peer.peer} knows: what it still says appears here`
    : `: it is over once ${peer.peer} is silent`;
  let ours = false;
  return tap(peer, {
    sentEof() {
      ours = true;
      log.info("half-close", `your side has ended${means}`);
    },
    receivedEof() {
      if (ours || until(options, peer) === "target") return;
      log.info("half-close", `${peer.peer} has ended its side, and still hears you`);
    },
  });
}

/** Opens our own end; a person gets an input line, but for `--raw`. */
export function openOwnEnd(
  options: TalkOptions & Pick<OptionsOf<typeof generalFlags>, "color">,
  log: Log,
): Promise<OwnEnd> {
  const conversation = isConversation(options) && !options.raw;
  return ownEnd({ conversation, color: options.color, log });
}

/** Whether a person is typing what we send. */
export function isConversation(options: TalkOptions): boolean {
  return isInteractive() && !options.recvOnly && options.send.length === 0;
}

/** Whether stdin is never read. */
export function ignoresStdin({ recvOnly, send }: TalkOptions): boolean {
  return recvOnly || (send.length > 0 && isInteractive());
}

/**
 * Whether we send EOF at once where stdin is ignored. A server with `--keep-open` doesn't: its
 * visitors may send as long as they like, unless with `--send-only` all of that is dropped.
 */
function closesWithoutInput({ keepOpen, sendOnly }: TalkOptions): boolean {
  return !keepOpen || sendOnly;
}

function until(options: TalkOptions, peer: Connection): Until {
  if (options.recvOnly && !options.keepOpen) return "target";
  const both = isWebSocket(peer) || (isConversation(options) && !options.keepOpen);
  return (options.eof ?? (both ? "peer" : "both")) === "peer" ? "target" : "both";
}

/**
 * Whether it is an error that a peer is done which is being sent something: not where only its end
 * or its answer counts; and visitors that share our stdin come and go.
 */
function tellsUndelivered(options: TalkOptions, peer: Connection): boolean {
  return isWebSocket(peer) && options.eof === undefined && !patternOf(options) &&
    !options.keepOpen && !isConversation(options);
}

/**
 * The client's input: `--send`, then stdin where that isn't ignored. For a peer with messages,
 * `pair` adds `--send`, a message each.
 */
function localInput(input: Duplex, peer: Connection, options: TalkOptions): Duplex {
  const { send, recvOnly, keepOpen } = options;
  let local = input;
  if (recvOnly && !keepOpen) local = withSilentInput(local);
  else if (ignoresStdin(options) && closesWithoutInput(options)) local = withoutInput(local);
  if (send.length > 0 && peer.framing === "stream") local = preamble(local, concat(send));
  return local;
}

/** Adds what `--send-only`, `--prefix` and a terminal do to our output. */
function localOutput(
  local: Duplex,
  peer: Connection,
  options: TalkOptions,
  lines: SharedLines,
): Duplex {
  if (options.sendOnly) return withoutOutput(local);
  const messages = peer.framing === "message";
  const label = `[${maskSecrets(peer.peer)}] `;
  let shown = local;
  if (options.prefix) shown = prefix(shown, { label, messages, lines });
  if (!outputIsTerminal() || options.raw) return shown;
  if (!options.prefix) shown = separate(shown, { messages, lines });
  return safeForTerminal(shown, messages);
}
