/**
 * Connects TCP sockets from an address of our choice (`--bind`). The runtime's connect has no
 * option for it, and a socket of `node:net`, which has, can't be given to the runtime's TLS. So a
 * socket that the runtime has connected to a listener of our own is disconnected, bound, and
 * connected anew: to Linux it is a new socket then (connect(2), `AF_UNSPEC`).
 */
import { ANY, formatAuthority, type HostPort } from "../address/address.ts";
import { isIPv6 } from "../address/ip.ts";
import { onAbort } from "../core/abort.ts";
import { type CoaxError, UnavailableError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { connectionBetween, type Descriptor, socketCalls } from "./descriptor.ts";
import { systemError, unavailable } from "./failure.ts";
import { POLLOUT } from "./libc.ts";
import { resolve } from "./resolve.ts";
import { type IpAddress, sockaddrOf } from "./sockaddr.ts";
import { zoneOf } from "./udp/zone.ts";

/** One attempt to connect: where to, and where from if that was chosen. */
export interface Route {
  readonly local?: IpAddress;
  readonly remote: IpAddress;
  /** The target's address as the user wrote it, for messages. */
  readonly text: string;
}

/**
 * Connects to `remote` from `local`, whose port 0 is any free one. Rejects with an
 * `UnavailableError` where `local` can't be bound, with a `UsageError` where there is no C library
 * for it, or with the system's error.
 */
export async function connectFrom(
  route: Required<Route>,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const calls = socketCalls();
  if (!calls) throw new UsageError("--bind", "needs Linux and the GNU C library, except for UDP");
  const [conn, descriptor] = await startConnecting(route);
  try {
    using _ = onAbort(signal, () => descriptor.abort());
    signal.throwIfAborted();
    await calls.poll(new Int32Array([descriptor.number, POLLOUT]), 1n, -1);
    signal.throwIfAborted();
    throwErrno(descriptor.takeError());
    return withAddresses(conn, descriptor, route.remote);
  } catch (error) {
    conn.close();
    throw error;
  }
}

async function startConnecting(
  { local, remote, text }: Required<Route>,
): Promise<[Deno.TcpConn, Descriptor]> {
  const hostname = isIPv6(remote.hostname) ? "::1" : "127.0.0.1";
  using listener = Deno.listen({ hostname, port: 0 });
  const conn = await Deno.connect({ hostname, port: listener.addr.port });
  try {
    const descriptor = connectionBetween(conn.localAddr, conn.remoteAddr);
    if (!descriptor) throw new Error("the socket was not found");
    // Until the second connect, the runtime must not look at the socket: it would see a hang-up.
    const unbound = descriptor.rebind(sockaddr(local), local.port !== 0);
    if (unbound !== 0) throw bindFailure(text, local, systemError(unbound));
    throwErrno(descriptor.startConnecting(sockaddr(remote)));
    return [conn, descriptor];
  } catch (error) {
    conn.close();
    throw error;
  }
}

const sockaddr = (address: IpAddress) => sockaddrOf(address, zoneOf(address.hostname));

function throwErrno(number: number): void {
  if (number !== 0) throw systemError(number);
}

/** The same connection; the addresses that the runtime remembers are those of the listener. */
function withAddresses(
  conn: Deno.TcpConn,
  { localAddress }: Descriptor,
  remote: IpAddress,
): Deno.TcpConn {
  const address = (value: IpAddress) => ({ value: { transport: "tcp", ...value } });
  return Object.defineProperties(conn, {
    localAddr: address(localAddress ?? conn.localAddr),
    remoteAddr: address(remote),
  });
}

/** Reasons for which an address can't be bound, by the system's code. */
const BIND_REASONS: Partial<Record<string, string>> = {
  EADDRNOTAVAIL: "not an address of this machine",
  EADDRINUSE: "address in use",
};

/** The error of connecting to `text` where our own address can't be bound. */
export function bindFailure(text: string, local: IpAddress, error: unknown): CoaxError {
  const { reason } = unavailable("connect", text, error);
  const why = BIND_REASONS[`${(error as { code?: string }).code}`] ?? reason;
  const shown = formatAuthority({ host: local.hostname, port: local.port }).replace(/:0$/, "");
  return new UnavailableError("connect", text, `can't bind ${shown}: ${why}`, { cause: error });
}

/**
 * The routes to `hosts` from our own address: those whose family it has. Rejects with an
 * `UnavailableError` where there is none, and with a `ResolveError` for an unknown name.
 */
export async function routesFrom(
  bind: HostPort,
  hosts: readonly string[],
  { port, text }: Pick<HostPort, "port"> & { readonly text: string },
  log: Log,
): Promise<Required<Route>[]> {
  const own = bind.host === ANY ? ["0.0.0.0", "::"] : await resolve(bind.host, text, { log });
  const routes = hosts.flatMap((hostname) => {
    const local = own.find((ip) => isIPv6(ip) === isIPv6(hostname));
    if (local === undefined) return [];
    return [{ local: { hostname: local, port: bind.port }, remote: { hostname, port }, text }];
  });
  if (routes.length > 0) return routes;
  const [ours, theirs] = isIPv6(own[0]!) ? ["IPv6", "IPv4"] : ["IPv4", "IPv6"];
  const reason = `${bind.host} is ${ours}, and there is only ${theirs} to connect to`;
  throw new UnavailableError("connect", text, reason);
}
