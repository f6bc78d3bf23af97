/** Binds TCP and UDP sockets: in one family or in both, with the same port in each. */
import { type Address, ANY, formatHostPort, type HostPort } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { platform } from "../platform/platform.ts";
import { bindFailure } from "./listen_failure.ts";
import { keepAcceptedAlive } from "./keep_alive.ts";
import type { ListenOptions } from "./options.ts";
import { resolve } from "./resolve.ts";

/** An address with a host and a port, and the parts that its bound form is shown with. */
export type Bindable = HostPort & Pick<Address, "scheme" | "text"> & { readonly path?: string };

/** How sockets of a protocol are bound; log events have its name. */
export interface Protocol<S extends BoundSocket> {
  readonly name: "TCP" | "UDP";
  bind(options: BindOptions): S;
}

interface BindOptions {
  readonly hostname: string;
  readonly port: number;
  /** Whether other processes that say so too may bind the same port (SO_REUSEPORT). */
  readonly reusePort: boolean;
}

/**
 * Connections that may wait to be accepted. The kernel drops the SYN of one more, and its client
 * tries again a second later. Linux takes at most `net.core.somaxconn`, 4096 by default.
 */
export const BACKLOG = 4096;

interface BoundSocket {
  readonly addr: Deno.Addr;
  close(): void;
}

/** A bound socket and the addresses that reach it: `::` is reached by IPv4 (`0.0.0.0`) as well. */
interface Bound<S> {
  readonly socket: S;
  readonly addresses: readonly string[];
}

/** Attempts to find a port that is free in both families. */
const PORT_ATTEMPTS = 20;

/**
 * Binds every address that `address` names, with one port.
 *
 * Rejects with a `ResolveError` or an `UnavailableError`.
 */
export async function bindAll<S extends BoundSocket>(
  address: Bindable,
  options: ListenOptions,
  protocol: Protocol<S>,
): Promise<Bound<S>[]> {
  if (address.host !== LOOPBACK && address.host !== ANY) {
    const [host] = await resolve(address.host, address.text, options);
    return [bind(host!, address, options, protocol)];
  }
  const bindBoth = address.host === ANY ? bindEverywhere : bindLoopback;
  for (let attempt = 1;; attempt++) {
    try {
      return bindBoth(address, options, protocol);
    } catch (error) {
      // Port 0 may have given one that is free in one family only: try another.
      if (address.port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

function bindLoopback<S extends BoundSocket>(
  address: Bindable,
  options: ListenOptions,
  protocol: Protocol<S>,
): Bound<S>[] {
  const ipv4 = bind("127.0.0.1", address, options, protocol);
  try {
    const port = portOf(ipv4.socket);
    const ipv6 = bindIfPossible("::1", { ...address, port }, options, protocol);
    return ipv6 ? [ipv4, ipv6] : [ipv4];
  } catch (error) {
    ipv4.socket.close();
    throw error;
  }
}

/** Binds `::` and `0.0.0.0`; where `::` accepts IPv4 as well, the second may be in use by it. */
function bindEverywhere<S extends BoundSocket>(
  address: Bindable,
  options: ListenOptions,
  protocol: Protocol<S>,
): Bound<S>[] {
  const ipv6 = bindIfPossible("::", address, options, protocol);
  if (!ipv6) return [bind("0.0.0.0", address, options, protocol)];
  const port = portOf(ipv6.socket);
  try {
    return [bind("0.0.0.0", { ...address, port }, options, protocol), ipv6];
  } catch (error) {
    if (!platform().dualStack) {
      ipv6.socket.close();
      throw error;
    }
    return [{ ...ipv6, addresses: [formatBound(address, "0.0.0.0", port), ...ipv6.addresses] }];
  }
}

/** Binds, or yields undefined on a machine without that family. */
function bindIfPossible<S extends BoundSocket>(
  host: string,
  address: Bindable,
  options: ListenOptions,
  protocol: Protocol<S>,
): Bound<S> | undefined {
  try {
    return bind(host, address, options, protocol);
  } catch (error) {
    const code = ((error as Error).cause as { code?: string } | undefined)?.code;
    if (code !== "EADDRNOTAVAIL" && code !== "EAFNOSUPPORT") throw error;
    options.log.debug("no-ipv6", `${address.text}: this machine has no IPv6, only IPv4 is bound`);
    return undefined;
  }
}

function bind<S extends BoundSocket>(
  hostname: string,
  address: Bindable,
  { log, reusePort, keepAlive }: ListenOptions,
  protocol: Protocol<S>,
): Bound<S> {
  const format = (port: number) => formatHostPort(protocol.name.toLowerCase(), hostname, port);
  log.debug("create", `create a ${protocol.name} socket`, { address: address.text });
  log.debug("bind", `bind ${format(address.port)}`, { address: format(address.port) });
  try {
    const socket = protocol.bind({ hostname, port: address.port, reusePort });
    const port = portOf(socket);
    // UDP has no connections to listen for (RFC 768): a bound socket receives.
    if (protocol.name === "TCP") {
      keepAcceptedAlive(socket.addr, keepAlive);
      log.debug("listen", `listen on port ${port}`, { address: format(port) });
    }
    return { socket, addresses: [formatBound(address, hostname, port)] };
  } catch (error) {
    const place = {
      protocol: protocol.name === "TCP" ? "tcp" : "udp",
      port: address.port,
    } as const;
    throw bindFailure(address.text, place, error);
  }
}

function portOf(socket: BoundSocket): number {
  return (socket.addr as Deno.NetAddr).port;
}

function formatBound({ scheme, path }: Bindable, host: string, port: number): string {
  return formatHostPort(scheme, host, port, path);
}
