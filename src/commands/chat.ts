/** `coax chat`: hosts a room where everyone hears everyone. */
import type { HistoryFile } from "../chat/history_file.ts";
import { invitationsTo } from "../chat/invitations.ts";
import { parseName } from "../chat/protocol/names.ts";
import { Rooms, SERVER } from "../chat/rooms.ts";
import { attend, attendAsServer, PROTOCOL } from "../chat/visit.ts";
import { onAbort } from "../core/abort.ts";
import { LocalError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Accepted, serve } from "../core/serve.ts";
import { custom, defaultTo, group, type OptionsOf } from "../flags/flag.ts";
import { count, path } from "../flags/kinds.ts";
import { needing } from "../flags/needs.ts";
import type { RequestHead } from "../http/head.ts";
import { ownAddresses } from "../transports/interfaces.ts";
import type { Right } from "../transports/rights.ts";
import { isInteractive } from "../transports/stdio.ts";
import { invite } from "../talk/invite.ts";
import { type OwnEnd, ownEnd } from "../talk/own_end.ts";
import { openBus, parseBus } from "../chat/bus/open.ts";
import { defineCommand } from "./command.ts";
import { listenAll } from "../setup/listen.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf, webSocketSomewhere } from "../options/needs.ts";
import { encodedMembers } from "../options/text_needs.ts";
import { encodingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { charsetOf, withCharset } from "../setup/pair.ts";
import { observe } from "../setup/observe.ts";
import { serveOptions } from "../setup/serve.ts";
import { HEADING, maxMessageOf } from "../options/websocket.ts";

const chatting = group("Chatting", {
  room: defaultTo(
    custom("name of the room; WebSocket clients find others at /r/NAME", parseName, {
      value: "NAME",
    }),
    "main",
  ),
  bus: custom("join the rooms of many processes through NATS with JetStream", parseBus, {
    value: "nats://HOST:PORT",
  }),
  history: defaultTo(count("show the last lines to who comes in", 0), "50"),
  historyFile: path("keep those lines in this file, over a restart", {
    value: "PATH",
    file: "written",
  }),
});

/** The default and the maximum of `--max-message`. A line has at most 4 KiB. */
const LONGEST_MESSAGE = "64KiB";
const messages = group(
  HEADING,
  needing(webSocketSomewhere, { maxMessage: maxMessageOf(LONGEST_MESSAGE, LONGEST_MESSAGE) }),
);

export const chat = defineCommand({
  name: "chat",
  summary: "host a room: everyone hears everyone",
  operands: "ADDRESS...",
  examples: [
    ["coax chat 9000", "a room on this machine; join it with: coax client 9000"],
    ["coax chat ws://8080", "a browser joins it at http://localhost:8080/"],
    ["coax chat ws://:8080", "the same for the network: says which addresses others open"],
    ["coax chat 9000 --bus nats://host:4222", "the same room as every other process on that bus"],
    ["coax chat :9000 unix:/tmp/room", "one room, for the network and for this machine"],
  ],
  first: [
    "room",
    "history",
    "historyFile",
    "bus",
    "encoding",
    "allow",
    "allowOrigin",
    "selfSigned",
    "maxConnections",
    "verbose",
  ],
  flags: {
    ...chatting,
    ...encodingFlags,
    ...needing(encodedMembers, { encoding: encodingFlags.encoding }),
    ...listenerFlags,
    ...messages,
    dump: observeFlags.dump,
    ...generalFlags,
  },
  sides: (operands) => ({ from: operands.map(endpointOf), to: [] }),
  onSignal: "drain",
  async run({ operands, options, log, stop }) {
    const serves = (target: string) => rooms.roomAt(target) !== undefined;
    const http = async (request: RequestHead) => {
      const { answerWithPage } = await import("../chat/page/answer.ts");
      return answerWithPage(request);
    };
    await using host = await openHostEnd(options, log);
    const charset = await charsetOf(options);
    using file = await openHistory(options, log);
    const needs = (options.bus ? ["net"] as Right[] : []).concat(file ? FILE_RIGHTS : []);
    const extras = { needs, protocols: [PROTOCOL], serves, http };
    const own = ownAddresses(); // Before the right to ask is given up.
    let pin: string | undefined;
    const pinned = log.observed((event) => pin ??= event.pin as string | undefined);
    const bound = await listenAll(operands, options, pinned, stop, extras);
    const addresses = bound.listeners.flatMap(({ addresses }) => addresses);
    const pages = await invite(invitationsTo(addresses, own, pin), options, log);
    if (options.reusePort && !options.bus) {
      log.warn("rooms", "every process on this port has rooms of its own; --bus makes them one");
    }
    const { room, history } = options;
    const rooms = new Rooms(await openBus(options.bus, log), { room, history, file, pages });
    const shutdown = new AbortController();
    const signal = AbortSignal.any([stop, shutdown.signal]);
    let closed: Promise<void> | undefined;
    const terminal = attendAsServer(host.connection, rooms, log).then(
      (quit) => quit && shutdown.abort(),
      (error) => shutdown.abort(error),
    );
    using _ = onAbort(signal, () => closed = rooms.close("the server is going down"));
    const handle = ({ connection, log }: Accepted) => {
      const member = withCharset(observe(connection, log, options), charset, options);
      return attend({ connection: member, log }, rooms);
    };
    await serve(bound.listeners, handle, serveOptions(options, bound, { log, stop: signal }));
    await closed;
    await terminal;
    if (shutdown.signal.reason instanceof LocalError) throw shutdown.signal.reason;
  },
});

/** What writing a file anew takes. */
const FILE_RIGHTS: readonly Right[] = ["read", "write"];

/** Opens the file of `--history-file`. Rejects with an error if it would keep nothing. */
async function openHistory(
  { bus, history, historyFile }: OptionsOf<typeof chatting>,
  log: Log,
): Promise<HistoryFile | undefined> {
  if (historyFile === undefined) return undefined;
  const refuse = (why: string) => new UsageError("--history-file", why);
  if (bus) throw refuse("excludes --bus: its stream keeps the history");
  if (history === 0) throw refuse("with --history 0 there is nothing to keep");
  const { HistoryFile } = await import("../chat/history_file.ts");
  return new HistoryFile(historyFile, log, history);
}

/** The end of who hosts the room, with an input line on a terminal. */
function openHostEnd(
  { color }: Pick<OptionsOf<typeof generalFlags>, "color">,
  log: Log,
): Promise<OwnEnd> {
  const conversation = isInteractive();
  const onEnd = () =>
    log.info("half-close", "your side has ended: the room goes on, Ctrl-C closes it");
  return ownEnd({ conversation, color, log, ownName: SERVER, onEnd });
}
