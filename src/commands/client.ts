/** `coax client`: connects, and talks through stdin and stdout. */
import { parseAddress } from "../address/address.ts";
import { onAbort, orAbort } from "../core/abort.ts";
import type { Connection } from "../core/duplex.ts";
import { ShutdownError } from "../core/errors.ts";
import { CLOSE_GRACE } from "../core/graceful_close.ts";
import type { Log } from "../core/log.ts";
import { settledWithin } from "../core/time.ts";
import type { Recorder } from "../record/recorder.ts";
import { stdio } from "../transports/stdio.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "../setup/connect.ts";
import { Expectation } from "../talk/expect_within.ts";
import { generalFlags } from "../options/general.ts";
import { unlisted } from "../flags/flag.ts";
import { endpointOf, OUR_STDIO } from "../options/needs.ts";
import { dialerFlags, framingFlags, observeFlags } from "../options/groups.ts";
import { talkFlags } from "../talk/options.ts";
import { charsetOf } from "../setup/pair.ts";
import { Progress } from "../talk/progress.ts";
import { checkSend } from "../talk/send.ts";
import { followed, openRecorder } from "../setup/record.ts";
import { isConversation, openOwnEnd, talk } from "../talk/talk.ts";
import { observe } from "../setup/observe.ts";

const flags = {
  ...talkFlags,
  ...unlisted({ keepOpen: talkFlags.keepOpen }), // Taken to be refused with what it is for.
  ...framingFlags,
  ...dialerFlags,
  ...observeFlags,
  ...generalFlags,
};

type ClientContext = Context<typeof flags>;

export const client = defineCommand({
  name: "client",
  summary: "connect and talk through stdin and stdout",
  operands: "ADDRESS",
  examples: [
    ["coax client 9000", "type to a server on this machine; Ctrl-D ends your side"],
    ["coax client host:9000 < file", "send a file, print the answer"],
    ["coax client 7007 --send 'ping\\n' --expect ping", "one question with a known answer"],
  ],
  flags,
  first: ["send", "expect", "within", "retry", "crlf", "via", "pin", "header", "dump", "verbose"],
  sides: (operands) => ({ from: [OUR_STDIO], to: operands.map(endpointOf) }),
  onSignal: "own",
  async run(context) {
    checkSend(context);
    await using recorder = await openRecorder(context);
    using expectation = new Expectation(context);
    await expectation.limit(connectAndTalk(context, recorder, expectation));
    await recorder?.finish();
  },
});

async function connectAndTalk(
  { operands, options, log: commandLog, stop }: ClientContext,
  recorder: Recorder | undefined,
  expectation: Expectation,
): Promise<void> {
  const { late } = expectation;
  const progress = Progress.of(options, commandLog);
  const log = followed(commandLog, recorder, 1);
  await using own = await openOwnEnd(options, log);
  const charset = await charsetOf(options);
  const child = { peer: stdio.peer, local: stdio.peer, id: 1 };
  const aborted = AbortSignal.any([stop, late]);
  const perConnection = { child, childErrors: own.errorLine };
  const connecting = connect(parseAddress(operands[0]!), options, log, aborted, perConnection);
  const connection = await orAbort(stop, connecting, () => stop.reason);
  using _closing = onAbort(late, () => connection.close(late.reason));
  const peer = observe(connection, log, options, recorder?.connection(connection, 1, "out"));
  if (isConversation(options)) greet(peer, log);
  const input = progress?.ownEnd(own) ?? own.connection;
  using _hiding = onAbort(aborted, () => progress?.finish());
  const talkContext = {
    input,
    charset,
    log,
    lines: own.lines,
    tellsEnds: own.hasInputLine,
    expectation,
  };
  const talking = talk(progress?.count(peer) ?? peer, options, talkContext);
  try {
    await orAbort(stop, talking, () => stop.reason);
  } catch (error) {
    if (stop.aborted) peer.close(new ShutdownError());
    await settledWithin(talking, CLOSE_GRACE);
    throw error;
  } finally {
    progress?.finish();
  }
  if (isConversation(options)) log.info("left", `${peer.peer} has left`, { peer: peer.peer });
}

/** Logs a hint for the person at the terminal. */
function greet({ peer }: Connection, log: Log): void {
  const known = log.enabled("debug") ? "" : `connected to ${peer}: `; // -v has logged it.
  log.info("ready", `${known}type to send, Ctrl-D ends your side, Ctrl-C leaves`, { peer });
}
