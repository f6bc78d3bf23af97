/** TCP: connecting to the first address that answers, and listening on one family or both. */
import { type Address, ANY, formatHostPort, type HostPort, LOOPBACK } from "../address.ts";
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError, UsageError } from "../core/errors.ts";
import type { Incoming, Listener } from "../core/serve.ts";
import { settles, within } from "../core/time.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { resolve } from "./resolve.ts";
import { Socket } from "./socket.ts";

type TcpAddress = HostPort & { readonly text: string };

/** How long an address may take before the next one is tried beside it (RFC 8305 §5). */
const ATTEMPT_DELAY = 250;

/** Connects to a TCP address. */
export async function dialTcp(address: TcpAddress, options: DialOptions): Promise<Duplex> {
  const conn = await connectTcp(address, options);
  return new Socket(conn, remoteOf(conn) ?? address.text);
}

/** The connected socket itself, for transports that add a handshake. */
export async function connectTcp(
  address: TcpAddress,
  options: DialOptions,
): Promise<Deno.TcpConn> {
  const { connectTimeout, log } = options;
  if (address.port === 0) {
    throw new UsageError(`"${address.text}"`, "port 0 can only be listened on");
  }
  const conn = await within(
    resolve(address.host, address.text, options).then((hosts) => connectFirst(hosts, address, log)),
    connectTimeout,
    () => new TimeoutError("connect", address.text, `timed out after ${connectTimeout} ms`),
    (late) => late.close(),
  );
  conn.setNoDelay(true);
  return conn;
}

/** Races the addresses, each a little after the one before; the first connection wins. */
async function connectFirst(
  hosts: readonly string[],
  address: TcpAddress,
  log: DialOptions["log"],
): Promise<Deno.TcpConn> {
  if (hosts.length === 1) return await connectOne(hosts[0]!, address, log);
  let winner: Deno.TcpConn | undefined;
  const attempts: Promise<Deno.TcpConn>[] = [];
  for (const host of hosts) {
    const attempt = connectOne(host, address, log).then((conn) => {
      if (winner) conn.close();
      return winner ??= conn;
    });
    attempts.push(attempt);
    // On to the next when this one fails, or when it takes too long.
    await settles(attempt, ATTEMPT_DELAY);
    if (winner) return winner;
  }
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  }
}

async function connectOne(
  hostname: string,
  { port, text }: TcpAddress,
  log: DialOptions["log"],
): Promise<Deno.TcpConn> {
  const shown = formatHostPort("tcp", hostname, port);
  log.debug("create", "create a TCP socket", { address: text });
  log.debug("connect", `connect ${shown}`, { address: shown });
  try {
    return await Deno.connect({ hostname, port });
  } catch (error) {
    const failure = unavailable("connect", text, error);
    const { reason } = failure;
    log.debug("connect-failed", `connect ${shown}: ${reason}`, { address: shown, error: reason });
    throw failure;
  }
}

function remoteOf(conn: Deno.TcpConn): string | undefined {
  try {
    return formatPeer(conn.remoteAddr);
  } catch {
    return undefined; // Already reset by its peer.
  }
}

/** `127.0.0.1:4242`, `[::1]:4242`; an IPv4-mapped address (RFC 4291 §2.5.5.2) as IPv4. */
export function formatPeer(address: Deno.NetAddr): string {
  const host = address.hostname.replace(/^::ffff:(?=\d+\.)/i, "");
  return formatHostPort("", host, address.port).slice("://".length);
}

/** Wraps one accepted socket in what a transport makes of it. */
export type Open = (conn: Deno.TcpConn, peer: string, signal: AbortSignal) => Promise<Duplex>;

const openPlain: Open = (conn, peer) => Promise.resolve(new Socket(conn, peer));

/** Listens on every address that `address` names, with one port. */
export async function listenTcp(
  address: TcpAddress & Pick<Address, "scheme">,
  options: ListenOptions,
  open: Open = openPlain,
): Promise<Listener[]> {
  const bound = await bindAll(address, options, TCP);
  return bound.map(({ socket, addresses }) => new TcpListener(socket, addresses, open));
}

type Bindable = TcpAddress & Pick<Address, "scheme"> & { readonly path?: string };

/** How a kind of socket is bound; what happens is logged under its name. */
export interface Kind<S extends BoundSocket> {
  readonly name: "TCP" | "UDP";
  bind(options: { hostname: string; port: number }): S;
}

interface BoundSocket {
  readonly addr: Deno.Addr;
  close(): void;
}

const TCP: Kind<Deno.TcpListener> = { name: "TCP", bind: (options) => Deno.listen(options) };

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
  const shown = formatHostPort(kind.name.toLowerCase(), hostname, address.port);
  log.debug("create", `create a ${kind.name} socket`, { address: address.text });
  log.debug("bind", `bind ${shown}`, { address: shown });
  try {
    const socket = kind.bind({ hostname, port: address.port });
    const port = portOf(socket);
    // UDP has no connections to listen for (RFC 768): a bound socket receives.
    if (kind.name === "TCP") log.debug("listen", `listen on port ${port}`, { address: shown });
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

/** What `accept` says of a connection that its peer reset while it waited: the listener is fine. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOTCONN", "ECONNABORTED", "ECONNRESET"]);

class TcpListener implements Listener {
  #closed = false;

  constructor(
    private readonly listener: Deno.TcpListener,
    readonly addresses: readonly string[],
    private readonly open: Open,
  ) {}

  async accept(): Promise<Incoming | null> {
    while (!this.#closed) {
      try {
        const incoming = this.#incoming(await this.listener.accept());
        if (incoming) return incoming;
      } catch (error) {
        if (this.#closed || GONE.has((error as { code?: string }).code)) continue;
        throw unavailable("accept", this.addresses[0]!, error);
      }
    }
    return null;
  }

  /** Nothing if the peer has already reset the connection: then even its address can't be had. */
  #incoming(conn: Deno.TcpConn): Incoming | undefined {
    try {
      conn.setNoDelay(true);
      const peer = formatPeer(conn.remoteAddr);
      return {
        peer,
        local: formatPeer(conn.localAddr as Deno.NetAddr),
        open: (signal) => this.open(conn, peer, signal),
        refuse: () => conn.close(),
      };
    } catch {
      conn.close();
      return undefined;
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.listener.close();
  }
}
