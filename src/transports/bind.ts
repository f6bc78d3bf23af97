/** Binding sockets with a port: one family or both, one port for all, whatever the transport. */
import { type Address, ANY, formatHostPort, type HostPort } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { unavailable } from "./failure.ts";
import type { ListenOptions } from "./options.ts";
import { resolve } from "./resolve.ts";

/** An address with a host and a port, and what its bound form is shown with. */
export type Bindable = HostPort & Pick<Address, "scheme" | "text"> & { readonly path?: string };

/** How a kind of socket is bound; what happens is logged under its name. */
export interface Kind<S extends BoundSocket> {
  readonly name: "TCP" | "UDP";
  bind(options: { hostname: string; port: number }): S;
}

interface BoundSocket {
  readonly addr: Deno.Addr;
  close(): void;
}

/** One bound socket and the addresses it answers at: `::` answers at `0.0.0.0` too. */
interface Bound<S> {
  readonly socket: S;
  readonly addresses: readonly string[];
}

/** Attempts to find a port that is free in both families. */
const PORT_ATTEMPTS = 20;

/** Binds every address that `address` names, with one port. */
export async function bindAll<S extends BoundSocket>(
  address: Bindable,
  options: ListenOptions,
  kind: Kind<S>,
): Promise<Bound<S>[]> {
  if (address.host === ANY) return bindEverywhere(address, options, kind);
  if (address.host !== LOOPBACK) {
    const [host] = await resolve(address.host, address.text, options);
    return [bind(host!, address, options, kind)];
  }
  for (let attempt = 1;; attempt++) {
    const first = bind("127.0.0.1", address, options, kind);
    const port = portOf(first.socket);
    try {
      const second = bindIfPossible("::1", { ...address, port }, options, kind);
      return second ? [first, second] : [first];
    } catch (error) {
      first.socket.close();
      // Port 0 took one that is free for IPv4 only: take another.
      if (address.port !== 0 || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** `::` takes IPv4 as well where the system says so (Linux, macOS); else `0.0.0.0` is bound too. */
function bindEverywhere<S extends BoundSocket>(
  address: Bindable,
  options: ListenOptions,
  kind: Kind<S>,
): Bound<S>[] {
  const six = bindIfPossible("::", address, options, kind);
  if (!six) return [bind("0.0.0.0", address, options, kind)];
  const port = portOf(six.socket);
  try {
    return [bind("0.0.0.0", { ...address, port }, options, kind), six];
  } catch {
    return [{ ...six, addresses: [show(address, "0.0.0.0", port), ...six.addresses] }];
  }
}

/** Binds, or yields nothing on a machine without that family. */
function bindIfPossible<S extends BoundSocket>(
  host: string,
  address: Bindable,
  options: ListenOptions,
  kind: Kind<S>,
): Bound<S> | undefined {
  try {
    return bind(host, address, options, kind);
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
  { log }: ListenOptions,
  kind: Kind<S>,
): Bound<S> {
  const at = (port: number) => formatHostPort(kind.name.toLowerCase(), hostname, port);
  log.debug("create", `create a ${kind.name} socket`, { address: address.text });
  log.debug("bind", `bind ${at(address.port)}`, { address: at(address.port) });
  try {
    const socket = kind.bind({ hostname, port: address.port });
    const port = portOf(socket);
    // UDP has no connections to listen for (RFC 768): a bound socket receives.
    if (kind.name === "TCP") log.debug("listen", `listen on port ${port}`, { address: at(port) });
    return { socket, addresses: [show(address, hostname, port)] };
  } catch (error) {
    throw unavailable("listen", address.text, error);
  }
}

function portOf(socket: BoundSocket): number {
  return (socket.addr as Deno.NetAddr).port;
}

function show({ scheme, path }: Bindable, host: string, port: number): string {
  return formatHostPort(scheme, host, port, path);
}
