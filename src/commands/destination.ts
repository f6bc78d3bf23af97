/** Where a relay's connections go: to one of its targets, or wherever a proxy's client asks. */
import { type Address, parseAddress } from "../address.ts";
import type { End } from "../core/duplex.ts";
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Allow, allowTargets } from "../proxy/allow.ts";
import { formatTarget, type Target } from "../proxy/target.ts";
import { type Balance, Targets } from "./targets.ts";
import { httpProxyServer, proxyFor, type ProxyServer, socks5Server } from "./proxying.ts";

/** Connects to `address`; `allow` is asked about each IP address before it is tried. */
export type Connect = (address: Address, log: Log, allow?: (ip: string) => boolean) => Promise<End>;

export interface Destination {
  /** What is known of them beforehand. */
  readonly addresses: readonly Address[];
  /** Both ends to splice. Rejects after `from` has been told, where it can be. */
  open(from: End, connect: Connect, log: Log): Promise<[from: End, to: End]>;
}

export interface DestinationOptions {
  readonly balance: Balance;
  readonly allowTarget: readonly string[];
  readonly handshakeTimeout: number;
}

const PROXIES: Record<string, ProxyServer> = {
  "socks5:": socks5Server,
  "http-proxy:": httpProxyServer,
};

/** The destination that TO... names. Throws a `UsageError`. */
export function destinationOf(texts: readonly string[], options: DestinationOptions): Destination {
  const proxy = texts.find((text) => Object.hasOwn(PROXIES, text));
  if (proxy === undefined) {
    const addresses = texts.map(parseAddress);
    const targets = new Targets(addresses, options.balance);
    return {
      addresses,
      async open(from, connect, log) {
        return [from, await targets.connect((address) => connect(address, log), log)];
      },
    };
  }
  if (texts.length > 1) throw new UsageError(`"${proxy}"`, "can't be combined with other targets");
  const allow = allowTargets(options.allowTarget);
  return {
    addresses: [],
    open: (from, connect, log) =>
      proxyFor(
        PROXIES[proxy]!,
        from,
        (target) => connect(tcpAddress(target), log, allowedFor(allow, target)),
        options.handshakeTimeout,
      ),
  };
}

function tcpAddress(target: Target): Address {
  return { scheme: "tcp", ...target, text: formatTarget(target) };
}

function allowedFor(allow: Allow, { host, port }: Target): (ip: string) => boolean {
  return (ip) => allow(host, ip, port);
}
