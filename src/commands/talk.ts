/** A conversation between a peer and our own stdin and stdout: what `server` and `client` do. */
import { concat } from "../core/bytes.ts";
import type { Duplex, End } from "../core/duplex.ts";
import { ExpectationError, SessionOverError, TimeoutError } from "../core/errors.ts";
import { pairOf, splice, type Until } from "../core/splice.ts";
import { within } from "../core/time.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isInteractive, outputIsTerminal, stdio } from "../transports/stdio.ts";
import { crlf } from "../wrap/crlf.ts";
import { expect } from "../wrap/expect.ts";
import { discard, mute, preamble, safeForTerminal, waiting } from "../wrap/local.ts";
import { prefix } from "../wrap/prefix.ts";
import { linger } from "../wrap/silence.ts";
import type { talking } from "./options.ts";

export type TalkOptions = OptionsOf<typeof talking>;

/** Silence after our own end that means the end, where nothing else shows it, milliseconds. */
const LINGER = 1000;

/** Talks to `peer` until both ends have ended, or as `--eof` and `--expect` say. */
export async function talk(peer: End, options: TalkOptions, input: Duplex = stdio): Promise<void> {
  const { expect: pattern } = options;
  let local = showing(sending(input, options), peer.peer, options);
  if (!pattern) return await splice(pairOf(local, lingering(peer, options)), until(options));

  const expectation = expect(local, pattern);
  local = expectation.end;
  const fail = (what: string) =>
    new ExpectationError("expect", peer.peer, `${what} /${pattern.source}/`);
  const over = splice(pairOf(local, lingering(peer, options)), until(options))
    .catch((error) => {
      if (!(error instanceof SessionOverError)) throw error;
    })
    .then(() => {
      throw fail("the end came before anything matched");
    });
  over.catch(() => {}); // Closing below may end it after the race is decided.
  try {
    await within(
      Promise.race([expectation.matched, over]),
      options.within,
      () => fail(`nothing within ${options.within! / 1000} s matched`),
    );
  } finally {
    local.close();
    peer.close();
  }
}

/** Whether a person is typing what we send. */
export function isConversation(options: TalkOptions): boolean {
  return isInteractive() && !options.recvOnly && options.send.length === 0;
}

function until(options: TalkOptions): Until {
  if (options.recvOnly) return "second";
  return (options.eof ?? (isConversation(options) ? "peer" : "both")) === "peer"
    ? "second"
    : "both";
}

/** What we send: `--send`, then stdin, where that isn't a terminal that has been spoken for. */
function sending(input: Duplex, options: TalkOptions): Duplex {
  let local = input;
  if (options.recvOnly) local = waiting(local);
  else if (options.send.length > 0 && isInteractive()) local = mute(local);
  else if (options.crlf) local = crlf(local);
  return options.send.length > 0 ? preamble(local, concat(options.send)) : local;
}

/** Where what we receive goes. */
function showing(local: Duplex, peer: string, options: TalkOptions): Duplex {
  if (options.sendOnly) return discard(local);
  let shown = local;
  if (options.prefix) shown = prefix(shown, `[${peer}] `);
  if (outputIsTerminal() && !options.raw) shown = safeForTerminal(shown);
  return shown;
}

/** The peer with `--linger`: an expired one is an error, unless silence is the normal end. */
function lingering(peer: End, options: TalkOptions): End {
  const silenceEnds = !peer.halfClose || options.sendOnly;
  const ms = options.linger ?? (silenceEnds ? LINGER : undefined);
  if (ms === undefined) return peer;
  return linger(
    peer,
    ms,
    () =>
      silenceEnds
        ? undefined
        : new TimeoutError("linger", peer.peer, `silent for ${ms / 1000} s after our end`),
  );
}
