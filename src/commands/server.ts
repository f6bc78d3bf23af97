/** `coax server`: accepts a connection and talks to it; with `-k`, to many at once. */
import { onAbort } from "../core/abort.ts";
import { type Accepted, serve } from "../core/serve.ts";
import type { Connection, Duplex } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { Tee } from "../core/tee.ts";
import type { Membership, TeeMember } from "../core/tee_member.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { Recorder } from "../record/recorder.ts";
import { tap } from "../wrap/tap.ts";
import { type Context, defineCommand } from "./command.ts";
import { Expectation, patternOf } from "../talk/expect_within.ts";
import { listenAll } from "../setup/listen.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf, OUR_STDIO } from "../options/needs.ts";
import { framingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { shareFlags, talkFlags } from "../talk/options.ts";
import { charsetOf } from "../setup/pair.ts";
import { Progress } from "../talk/progress.ts";
import { checkSend } from "../talk/send.ts";
import { followed, openRecorder, rightsToRecord } from "../setup/record.ts";
import { serveOptions } from "../setup/serve.ts";
import { ignoresStdin, isConversation, openOwnEnd, talk, type TalkOptions } from "../talk/talk.ts";
import { observe } from "../setup/observe.ts";

const flags = {
  ...talkFlags,
  ...shareFlags,
  ...framingFlags,
  ...listenerFlags,
  ...observeFlags,
  ...generalFlags,
};

type ServerContext = Context<typeof flags>;

export const server = defineCommand({
  name: "server",
  summary: "accept a connection and talk to it through stdin and stdout",
  operands: "ADDRESS...",
  examples: [
    ["coax server 9000", "wait for one client and talk to it"],
    ["coax server 9000 > file", "store what one client sends"],
    ["coax server -k --prefix 9000", "talk to all who come, each line marked with its sender"],
  ],
  flags,
  first: [
    "keepOpen",
    "prefix",
    "send",
    "expect",
    "recvOnly",
    "allow",
    "selfSigned",
    "dump",
    "record",
    "verbose",
  ],
  sides: (operands) => ({ from: operands.map(endpointOf), to: [OUR_STDIO] }),
  onSignal: "drain",
  async run(context) {
    checkSend(context);
    await using recorder = await openRecorder(context);
    using expectation = new Expectation(context);
    await expectation.limit(serveVisitors(context, recorder, expectation));
    await recorder?.finish();
  },
});

async function serveVisitors(
  { operands, options, log: commandLog, stop }: ServerContext,
  recorder: Recorder | undefined,
  expectation: Expectation,
): Promise<void> {
  const { late } = expectation;
  const progress = Progress.of(options, commandLog);
  const log = followed(commandLog, recorder);
  await using own = await openOwnEnd(options, log);
  const input = progress?.ownEnd(own) ?? own.connection;
  const tellsEnds = own.hasInputLine && !options.keepOpen;
  const charset = await charsetOf(options);
  const shares = { charset, lines: own.lines, tellsEnds, expectation };
  const shared = teeFor(input, options);
  const interactive = isConversation(options);
  // A pipe or file is read at once, so that EOF is known; typed text waits for a visitor.
  if (!interactive && !ignoresStdin(options)) await shared?.start();
  const bound = await listenAll(operands, options, log, stop, { needs: rightsToRecord(options) });
  using _ = onAbort(late, () => progress?.finish());
  if (interactive && shared) logStdinEof(shared, log);
  const done = new AbortController();
  const over = AbortSignal.any([stop, done.signal]);
  const handle = async ({ connection, id, peer, local, log }: Accepted) => {
    if (interactive) log.info("accepted", `${peer} has connected${hintFor(options)}`);
    const member = shared?.join(membershipOf(peer, options));
    const recorded = recorder?.connection(connection, id, "in", local);
    const observed = observe(connection, log, options, recorded, member?.lastWait);
    const visitor = member ? finishAtEof(observed, member, options) : observed;
    const talkContext = { ...shares, input: member ?? input, log };
    await talk(progress?.count(visitor) ?? visitor, options, talkContext);
    if (patternOf(options)) done.abort();
    if (interactive) log.info("left", `${peer} has left`);
  };
  try {
    const accepting = serveOptions(options, bound, { log, stop: over });
    await serve(bound.listeners, handle, { ...accepting, once: !options.keepOpen, abort: late });
  } finally {
    progress?.finish();
  }
}

type SharingOptions = TalkOptions & OptionsOf<typeof shareFlags>;

/** stdin for all visitors, with `-k`. */
function teeFor(input: Duplex, { keepOpen, slow }: SharingOptions): Tee | undefined {
  return keepOpen ? new Tee(input, slow) : undefined;
}

/** How a visitor receives stdin. */
function membershipOf(peer: string, options: SharingOptions): Membership {
  const { slow, sendOnly } = options;
  const reason = `the others have waited ${slow / 1000} s for it to read (--slow)`;
  return {
    late: () => new TimeoutError("send to", peer, reason),
    writeOnly: ignoresStdin(options),
    // EOF of stdin before a visitor counts only where nothing is received either.
    receivesEof: sendOnly,
  };
}

/** A visitor whose EOF also finishes its share of stdin, which goes on for the others. */
function finishAtEof(
  peer: Connection,
  member: TeeMember,
  { eof, recvOnly }: SharingOptions,
): Connection {
  if (eof === "both" && !recvOnly) return peer;
  return tap(peer, { receivedEof: () => member.finish() });
}

/** What a person can do now; with `-k`, Ctrl-D would concern all visitors. */
function hintFor({ keepOpen }: SharingOptions): string {
  return keepOpen ? "" : ": type to send, Ctrl-D ends your side, Ctrl-C leaves";
}

/** Logs once what EOF of stdin means to many visitors. */
function logStdinEof({ over }: Tee, log: Log): void {
  over.then(() => {
    log.info("stdin-ended", "stdin has ended: clients hear that at once, Ctrl-C ends the server");
  });
}
