/**
 * UDP: a listener makes every peer that sends a datagram a session, as if it had connected. A
 * client is a session with a socket of its own.
 */
import { type Address, formatHostPort, type HostPort } from "../../address/address.ts";
import { canonicalHost, isIPv6, isLoopback, isMulticast } from "../../address/ip.ts";
import type { Channel } from "../../core/duplex.ts";
import { AddressError, TimeoutError, UnavailableError } from "../../core/errors.ts";
import type { Listener } from "../../core/listener.ts";
import { withTimeout } from "../../core/time.ts";
import { datagramFailed } from "../failure.ts";
import { bindFailure, type Route, routesFrom } from "../local_address.ts";
import type { DialOptions, ListenOptions } from "../options.ts";
import { resolve } from "../resolve.ts";
import { bindAll, type Protocol } from "../bind.ts";
import { formatPeer } from "../peer.ts";
import type { IpAddress } from "../sockaddr.ts";
import { RuntimeDatagrams, type UdpPeer } from "./datagrams.ts";
import type { Deliver } from "../datagram/datagrams.ts";
import { connected, listening } from "./direct.ts";
import { DatagramListener, DEFAULT_IDLE_TIMEOUT } from "../datagram/listener.ts";
import { Refusals } from "./refusals.ts";
import { DatagramSession } from "../datagram/session.ts";
import { bindGroup, joinGroup } from "./multicast.ts";
import { bindShared } from "./shared_port.ts";
import { type Reach, reach } from "./target.ts";
import { DatagramSocket, isIcmpError } from "../datagram/socket.ts";
import { checkZone } from "./zone.ts";

type UdpAddress = HostPort & { readonly text: string };

const UDP: Protocol<Deno.DatagramConn> = {
  name: "UDP",
  bind: ({ hostname, port, reusePort }) =>
    isMulticast(hostname)
      ? bindGroup({ hostname, port })
      : reusePort
      ? bindShared({ hostname, port })
      : Deno.listenDatagram({ transport: "udp", hostname, port, loopback: true }),
};

/**
 * Binds every address that `address` names, with one port, and joins it where it is a multicast
 * group. Rejects as `bindAll` and `joinGroup` do.
 */
export async function listenUdp(
  address: UdpAddress & Pick<Address, "scheme">,
  options: ListenOptions,
): Promise<Listener[]> {
  const bound = await bindAll(address, options, UDP);
  if (isMulticast(address.host)) await joinAll(bound, address, options.log);
  return bound.map(({ socket, addresses }) =>
    new DatagramListener<UdpPeer>(
      listening(socket),
      addresses,
      options.idleTimeout ?? DEFAULT_IDLE_TIMEOUT,
      options.log,
      { local: formatPeer(socket.addr as Deno.NetAddr), format: formatPeer },
    )
  );
}

async function joinAll(
  bound: readonly { readonly socket: Deno.DatagramConn }[],
  { host, text }: UdpAddress,
  log: ListenOptions["log"],
): Promise<void> {
  try {
    for (const { socket } of bound) await joinGroup(socket, { group: host, text }, log);
  } catch (error) {
    for (const { socket } of bound) socket.close();
    throw error;
  }
}

/**
 * Binds a socket for one peer; datagrams of others are dropped. It is connected, so that an ICMP
 * error closes it with an `UnavailableError`. Without Linux's sockets it isn't, and an absent peer
 * is noticed only where the system reports ICMP errors all the same (Windows).
 * A multicast group and a broadcast address aren't one peer: whoever answers is heard.
 *
 * Rejects with an `AddressError` for port 0, a `ResolveError` or a `TimeoutError`.
 */
export async function dialUdp(address: UdpAddress, options: DialOptions): Promise<Channel> {
  const { log, broadcast } = options;
  const { text, port } = address;
  if (port === 0) throw new AddressError(text, "port 0 can only be listened on");
  const { local, remote: { hostname: host } } = await routeWithin(address, options);
  checkZone({ ...address, host });
  const target = { transport: "udp", hostname: peerHost(host), port } as const;
  const conn = bindFor(local ?? freePortFor(target.hostname), address, log);
  const reached = reach(conn, target, broadcast);
  if (reached.many === "broadcast" && !broadcast) {
    conn.close();
    throw new UnavailableError("connect", text, BROADCAST);
  }
  return sessionTo(target, conn, reached, log);
}

function sessionTo(
  target: Deno.NetAddr,
  conn: Deno.DatagramConn,
  { descriptor, many }: Reach,
  log: DialOptions["log"],
): DatagramSession<UdpPeer> {
  const sender = canonicalHost(target.hostname);
  const zone = /%.*$/.exec(target.hostname)?.[0] ?? "";
  const peer = formatPeer({ ...target, hostname: sender + zone });
  let ignored = 0;
  const deliver: Deliver<UdpPeer> = (data, from) => {
    if (many) log.trace("answer", `receive from ${formatPeer(from)}`, { peer: formatPeer(from) });
    if (many || (from.port === target.port && from.hostname === sender)) session.deliver(data);
    else if (ignored++ === 0) log.debug("ignored", `ignoring what ${formatPeer(from)} sends`);
  };
  const fail = (error: Error) => session.fail(error);
  const refusals = descriptor && new Refusals(descriptor, peer, fail);
  const onFailure = (error: Error) => {
    if (!isIcmpError(error)) return;
    if (refusals) refusals.onReceiveFailed(datagramFailed(peer, error));
    // Windows reports it as a reset. The socket has sent to this peer alone.
    else fail(new UnavailableError("send to", peer, "connection refused", { cause: error }));
  };
  const socket = new DatagramSocket(connected(conn, descriptor), log, deliver, onFailure);
  const session: DatagramSession<UdpPeer> = new DatagramSession(socket, target, peer, {
    log,
    expires: false,
    onSent: () => refusals?.onSent(),
    refusal: () => refusals?.take(),
    onClose: () => refusals?.close(),
  });
  return session;
}

const BROADCAST = "it is a broadcast address: --broadcast lets datagrams go there";

/**
 * Binds a socket for any number of peers. Throws an `UnavailableError`.
 *
 * @param text What it is for, for messages.
 */
export function bindDatagrams(
  local: IpAddress,
  text: string,
  log: DialOptions["log"],
  deliver: Deliver<UdpPeer>,
): DatagramSocket<UdpPeer> {
  return new DatagramSocket(new RuntimeDatagrams(bindFor(local, { text }, log)), log, deliver);
}

/** The first address of the host, and ours if that was chosen, within `--connect-timeout`. */
async function routeWithin(address: UdpAddress, options: DialOptions): Promise<Route> {
  const { connectTimeout, bind, log } = options;
  const { host, port, text } = address;
  const routes = async () => {
    const hosts = await resolve(host, text, options);
    return bind
      ? await routesFrom(bind, hosts, address, log)
      : [{ remote: { hostname: hosts[0]!, port }, text }];
  };
  const [first] = await withTimeout(
    routes(),
    connectTimeout,
    () => new TimeoutError("resolve", text, `timed out after ${connectTimeout} ms`),
  );
  return first!;
}

/** The host to send to: loopback for the address of every interface. */
function peerHost(host: string): string {
  return host === "0.0.0.0" ? "127.0.0.1" : canonicalHost(host) === "::" ? "::1" : host;
}

/** A free port in the target's family, on loopback if the target is there. */
function freePortFor(host: string): IpAddress {
  const hostname = isIPv6(host)
    ? canonicalHost(host) === "::1" ? "::1" : "::"
    : isLoopback(host)
    ? "127.0.0.1"
    : "0.0.0.0";
  return { hostname, port: 0 };
}

function bindFor(
  local: IpAddress,
  { text }: Pick<UdpAddress, "text">,
  log: DialOptions["log"],
): Deno.DatagramConn {
  log.debug("create", "create a UDP socket", { address: text });
  try {
    const socket = UDP.bind({ ...local, reusePort: false });
    const { port } = socket.addr as Deno.NetAddr;
    const shown = formatHostPort("udp", local.hostname, port);
    log.debug("bind", `bind ${shown}`, { address: shown });
    return socket;
  } catch (error) {
    throw bindFailure(text, local, error);
  }
}
