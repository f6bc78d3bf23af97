/** The parts of a relay: what is put around its two ends, and what stands before them. */
import { ANY, parseAddress } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import type { Connection } from "../core/duplex.ts";
import { AddressError, BrokenError, ResetError, UsageError } from "../core/errors.ts";
import { PeerLeftError, QuietLeaveError } from "../core/resets.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import type { Pair } from "../core/splice.ts";
import { type Emit, type Faults, injectFaults, seeded } from "../faults/mod.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { proxyHeader } from "../proxy/proxy_protocol.ts";
import type { Charset } from "../charset/charset.ts";
import { crlf } from "../wrap/crlf.ts";
import { isProxyKind } from "../proxy/kind.ts";
import type { Destination, DestinationOptions } from "./destination.ts";
import type { BoundListeners } from "../setup/listen.ts";
import type { Complete } from "../options/complete.ts";
import type { encodingFlags } from "../options/groups.ts";
import type { closeFlags, faultFlags, relayFlags } from "./options.ts";
import { type FramingOptions, pair, pairOptions, withCharset, withLinger } from "../setup/pair.ts";
import { Targets } from "./targets.ts";

type FaultOptions = OptionsOf<typeof faultFlags>;
type RelayOptions =
  & OptionsOf<typeof relayFlags & typeof encodingFlags & typeof closeFlags>
  & FramingOptions
  & FaultOptions;

interface WrapOptions {
  readonly options: RelayOptions;
  readonly charset: Charset | undefined;
  /** Whether the first end is our own stdin and stdout. */
  readonly isStdio: boolean;
  readonly id: number;
  readonly log: Log;
}

/** Both ends as the options want them: from the wire inwards faults, ends, encodings, frames. */
export function wrapPair(
  first: Connection,
  second: Connection,
  { options, charset, isStdio: local, id, log }: WrapOptions,
): Pair {
  const { seed, linger } = options;
  const chance = seed ?? Math.floor(Math.random() * 2 ** 31);
  // Each connection and direction has chances of its own, whatever the others do meanwhile.
  const wanted = faultsOf(options);
  const faultyClient = injectFaults(first, wanted, seeded(chance + 2 * id), faultReporter(log));
  const faultyTarget = injectFaults(
    second,
    wanted,
    seeded(chance + 2 * id + 1),
    faultReporter(log),
  );
  const client = withLinger(faultyClient, faultyClient.halfClose ? undefined : linger);
  const target = withCharset(withLinger(faultyTarget, linger), charset, options);
  const typed = options.crlf && client.framing === "stream" ? crlf(client) : client;
  return pair(typed, target, pairOptions(options, log), local);
}

/** The faults that the command line asks for. */
function faultsOf(options: FaultOptions): Complete<Faults> {
  const { rate, delay, jitter, chop, cutAfter, resetAfter, drop, dup, reorder } = options;
  return { rate, delay, jitter, chop, cutAfter, resetAfter, drop, dup, reorder };
}

/** Faults that happen to every piece: after the first, logged only where all steps are. */
const CONTINUAL: ReadonlySet<string> = new Set(["delay", "rate", "chop"]);

/** Makes events of the faults in one direction of a connection. */
function faultReporter(log: Log): Emit {
  const logged = new Set<string>();
  return (kind, text) => {
    const again = CONTINUAL.has(kind) && logged.has(kind);
    logged.add(kind);
    (again ? log.debug : log.info).call(log, "fault", text, { kind });
  };
}

/** Whether FROM's connections begin with a PROXY header. */
export function expectsHeader({ proxyProtocol }: RelayOptions): boolean {
  return proxyProtocol.includes("in");
}

/** The PROXY header for TO, if one is wanted. */
export function header({ proxyProtocol }: RelayOptions, peer: string, local: string) {
  const version = proxyProtocol.findLast((wanted) => wanted !== "in");
  return version ? proxyHeader(version, { source: peer, destination: local }) : undefined;
}

/** An end that is open already, as a listener whose only connection it is. */
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
 * What a relay has to say of an error: a peer's leave is news, no error; and of a reset, where it
 * couldn't be passed on.
 */
export function reportable(error: unknown, client: Connection, target: Connection): unknown {
  if (error instanceof PeerLeftError) return new QuietLeaveError(error);
  if (!(error instanceof ResetError)) return error;
  const other = error.address === target.peer ? client : target;
  if (other.showsReset) return error;
  const reason = `${error.reason}; the other peer saw a plain end`;
  return new BrokenError(error.stage, error.address, reason, { cause: error });
}

/** The destination that TO... names. Rejects with a `UsageError`. */
export async function destinationOf(
  texts: readonly string[],
  options: DestinationOptions,
): Promise<Destination> {
  const kind = texts.find(isProxyKind);
  if (kind) {
    if (texts.length > 1) throw new UsageError(`"${kind}"`, "can't be combined with other targets");
    return (await import("./proxy_destination.ts")).proxyDestination(kind, options);
  }
  const addresses = texts.map(parseAddress);
  const targets = new Targets(addresses, options.balance);
  return {
    addresses,
    async open(client, connect, log) {
      return [client, await targets.connect((address) => connect(address, log), log)];
    },
  };
}

/** Refuses a relay that leads back to itself: each connection would make the next one. */
export function refuseLoop({ listeners }: BoundListeners, { addresses }: Destination): void {
  const bound = new Set(listeners.flatMap((listener) => listener.addresses.flatMap(listenPoints)));
  const loop = addresses.find(({ text }) => listenPoints(text).some((point) => bound.has(point)));
  if (!loop) return;
  for (const listener of listeners) listener.close();
  throw new AddressError(loop.text, "leads back to this relay itself");
}

/** Where an address can be reached, of what can be logged without looking names up. */
function listenPoints(text: string): string[] {
  const address = parseAddress(text);
  if ("host" in address) {
    const kind = address.scheme === "udp" ? "udp" : "tcp";
    const hosts = [ANY, LOOPBACK, "0.0.0.0", "::"].includes(address.host)
      ? ["127.0.0.1", "::1"]
      : [address.host];
    return hosts.map((host) => `${kind} ${host} ${address.port}`);
  }
  if (address.scheme === "unix") return [`unix ${address.path}`];
  return address.scheme === "ws+unix" ? [`unix ${address.socket}`] : [];
}
