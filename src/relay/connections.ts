/** The parts of a relay: its destination, and what is wrapped around its two connections. */
import { type Address, parseAddress } from "../address/address.ts";
import { isWebSocket } from "../address/web.ts";
import type { Connection } from "../core/duplex.ts";
import { CoaxError, UsageError } from "../core/errors.ts";
import { counted } from "../core/format.ts";
import { endsByReset, PeerLeftError, QuietLeaveError, UnseenEndError } from "../core/resets.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import type { OnDropped, Pair } from "../core/splice.ts";
import type { Toxics } from "../faults/toxics.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { proxyHeader } from "../proxy/proxy_protocol.ts";
import type { Charset } from "../charset/charset.ts";
import { isProxyKind } from "../proxy/kind.ts";
import { allowingCrossing, allowingLateAnswers, passingCloses } from "./closes.ts";
import type { Destination, DestinationOptions, Visit } from "./destination.ts";
import type { dialerFlags, encodingFlags } from "../options/groups.ts";
import type { closeFlags, relayFlags } from "./options.ts";
import { type FramingOptions, pair, pairOptions, withCharset, withLinger } from "../setup/pair.ts";
import { withToxics } from "../setup/toxics.ts";
import { Targets } from "./targets.ts";
import { acceptVisitor, isForVisitor, refuseVisitor } from "./visitor.ts";

type RelayOptions =
  & OptionsOf<typeof relayFlags & typeof encodingFlags & typeof closeFlags>
  & Pick<OptionsOf<typeof dialerFlags>, "close">
  & FramingOptions;

interface WrapOptions {
  readonly options: RelayOptions;
  readonly charset: Charset | undefined;
  /** Whether the client is our own stdin and stdout. */
  readonly isStdio: boolean;
  readonly id: number;
  readonly log: Log;
  readonly toxics: Toxics | undefined;
}

/**
 * Wraps both connections as the options say: faults next to the wire, then linger times, encodings
 * and frames.
 */
export function wrapPair(
  client: Connection,
  target: Connection,
  { options, charset, toxics, isStdio, id, log }: WrapOptions,
): Pair {
  const { linger, crlf, close } = options;
  const closingClient = passingCloses(client, target, close);
  const closingTarget = passingCloses(target, client, close);
  const faultyClient = withToxics(closingClient, toxics, "downstream", { id, log });
  const faultyTarget = withToxics(closingTarget, toxics, "upstream", { id, log });
  const openClient = allowingLateAnswers(faultyClient, target);
  const openTarget = allowingCrossing(faultyTarget, client);
  const lingering = withLinger(openClient, client.halfClose ? undefined : linger);
  const utf8Target = withCharset(withLinger(openTarget, linger), charset, options);
  return pair(lingering, utf8Target, pairOptions(options, { log, crlf }), isStdio);
}

/** Logs messages to a peer that had closed. */
export function droppedLogger(log: Log): OnDropped {
  return ({ framing, peer }, count) => {
    if (framing === "stream") return;
    const text = `dropped ${counted(count, "message")} to ${peer}, which had closed`;
    log.debug("undelivered", text, { peer });
  };
}

/** Whether FROM's connections begin with a PROXY header. */
export function expectsHeader({ proxyProtocol }: RelayOptions): boolean {
  return proxyProtocol.includes("in");
}

/** The PROXY header for TO, if `--proxy-protocol` asks for one. */
export function header({ proxyProtocol }: RelayOptions, peer: string, local: string) {
  const version = proxyProtocol.findLast((wanted) => wanted !== "in");
  return version ? proxyHeader(version, { source: peer, destination: local }) : undefined;
}

/** A listener that accepts one connection, which is open already. */
export function oneShotListener(connection: Connection): Listener {
  let only: Incoming | null = {
    peer: connection.peer,
    local: connection.peer,
    open: () => Promise.resolve(connection),
    refuse: () => connection.close(),
  };
  return {
    addresses: [],
    accept() {
      const next = only;
      only = null;
      return Promise.resolve(next);
    },
    close() {},
  };
}

/**
 * The error as a relay reports it: a peer's leave is no failure, and where a connection broke whose
 * other peer couldn't see that, it says so.
 */
export function reportable(error: unknown, client: Connection, target: Connection): unknown {
  if (error instanceof PeerLeftError) return new QuietLeaveError(error);
  if (!(error instanceof CoaxError && endsByReset(error))) return error;
  const other = error.address === target.peer ? client : target;
  // A command is terminated, and our own stdout is seen with this error.
  return other.showsReset || other.own || other.framing === "message"
    ? error
    : new UnseenEndError(error);
}

/**
 * The two connections of `opening`, or a rejection with the reason for which `client` is closed
 * meanwhile; what is opened after that is closed again.
 */
export async function unlessClosed(
  client: Connection,
  opening: Promise<[Connection, Connection]>,
): Promise<[Connection, Connection]> {
  const closed = Promise.withResolvers<never>();
  let reason: Error | void;
  client.closed.then((given) => {
    reason = given;
    if (given) closed.reject(given);
  }, () => {});
  opening.then((pair) => {
    if (reason) { for (const connection of pair) connection.close(reason); }
  }, () => {});
  return await Promise.race([opening, closed.promise]);
}

/** The destination that the operands TO... name. Rejects with a `UsageError`. */
export async function destinationOf(
  texts: readonly string[],
  options: DestinationOptions,
): Promise<Destination> {
  const kind = texts.find(isProxyKind);
  if (kind) {
    if (texts.length > 1) throw new UsageError(`"${kind}"`, "can't be combined with other targets");
    return await (await import("./proxy_destination.ts")).proxyDestination(kind, options);
  }
  const addresses = texts.map(parseAddress);
  const targets = new Targets(addresses, options.balance);
  const open: Destination["open"] = (client, connect, { log, upgrade }) => {
    const isAnswer = upgrade &&
      ((error: unknown, target: Address) => isForVisitor(error, target, options));
    return targets.connect((address) => connect(address, log), log, isAnswer)
      .then((target) => [client, target]);
  };
  if (!addresses.some(isWebSocket)) return { addresses, open };
  return {
    addresses,
    answersUpgrades: true,
    open: (client, connect, visit) => openAnswering(client, visit, open(client, connect, visit)),
  };
}

/** Answers a client's handshake as it goes with its target. */
async function openAnswering(
  client: Connection,
  { upgrade, established }: Visit,
  opening: Promise<[client: Connection, target: Connection]>,
): Promise<[client: Connection, target: Connection]> {
  if (!upgrade) return await opening;
  const [, target] = await opening.catch(async (error) => {
    await refuseVisitor(upgrade, error);
    throw error;
  });
  try {
    await acceptVisitor(upgrade, target.framing === "message" ? target.request : undefined);
  } catch (error) {
    target.close(error as Error);
    throw error;
  }
  established?.();
  return [client, target];
}
