/** Connects TCP sockets: to the first address that answers, or through proxies. */
import { ANY, formatHostPort, type HostPort } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { onAbort } from "../core/abort.ts";
import {
  AddressError,
  type CoaxError,
  ForbiddenError,
  RefusedError,
  TimeoutError,
  UnavailableError,
} from "../core/errors.ts";
import { settledWithin, withTimeout } from "../core/time.ts";
import { httpConnect } from "../proxy/http_connect.ts";
import { socks4aConnect } from "../proxy/socks4.ts";
import { socks5Connect } from "../proxy/socks5.ts";
import type { Proxy } from "../proxy/url.ts";
import { unavailable } from "./failure.ts";
import { keepAlive } from "./keep_alive.ts";
import { connectFrom, type Route, routesFrom } from "./local_address.ts";
import { giveBack, takeController } from "./controllers.ts";
import type { DialOptions } from "./options.ts";
import { resolve } from "./resolve.ts";
import { sendPreface } from "./preface.ts";
import { Socket } from "./socket.ts";

export type TcpAddress = HostPort & { readonly text: string };

/** By scheme of a proxy: asks it for a tunnel. */
const HANDSHAKES = { http: httpConnect, socks4a: socks4aConnect, socks5: socks5Connect };

/** Milliseconds before the next address is tried beside a slow one (RFC 8305 §5). */
const ATTEMPT_DELAY = 250;

/**
 * Connects a TCP socket, through proxies if there are any, and sends the preface.
 *
 * Rejects with a `ResolveError`, an `UnavailableError`, a `TimeoutError` or a `RefusedError`, or
 * with an `AddressError` for port 0.
 */
export async function connectTcp(
  address: TcpAddress,
  options: DialOptions,
): Promise<Deno.TcpConn> {
  const { connectTimeout, via = [] } = options;
  if (address.port === 0) {
    throw new AddressError(address.text, "port 0 can only be listened on");
  }
  // An attempt that isn't aborted goes on in the kernel for minutes, and keeps its descriptor.
  const controller = takeController();
  using _ = onAbort(options.signal, () => controller.abort());
  let [hop] = via;
  const connecting = hop
    ? connectVia(via, address, options, controller.signal, (proxy) => hop = proxy)
    : connectDirectly(address, options, controller.signal);
  const late = () => {
    controller.abort();
    const text = hop ? hop.text : address.text;
    const timeout = new TimeoutError("connect", text, `timed out after ${connectTimeout} ms`);
    return hop ? proxyFailure(timeout, address) : timeout;
  };
  try {
    return await withTimeout(connecting, connectTimeout, late, (conn) => conn.close());
  } finally {
    giveBack(controller);
  }
}

async function connectDirectly(
  address: TcpAddress,
  options: DialOptions,
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const { allow, bind, log, preface } = options;
  const { text, port } = address;
  const hosts = await resolve(address.host, text, options);
  const allowed = allow ? hosts.filter(allow) : hosts;
  if (allowed.length === 0) throw new ForbiddenError(text);
  const routes = bind
    ? await routesFrom(bind, allowed, address, log)
    : allowed.map((hostname) => ({ remote: { hostname, port }, text }));
  const conn =
    await (routes.length === 1
      ? connectOne(routes[0]!, log, signal)
      : connectFirst(routes, log, signal));
  try {
    conn.setNoDelay(true);
    keepAlive(conn, options.keepAlive);
  } catch (error) {
    conn.close(); // The peer has reset it.
    throw unavailable("connect", text, error);
  }
  if (preface) await sendPreface(new Socket(conn, text), preface);
  return conn;
}

/**
 * Opens a tunnel through `proxies`, in their order; they resolve the names after the first. The
 * handshakes read no byte of the tunnel's, so the bare socket can be returned. `onHop` gets the
 * proxy whose answer comes next.
 */
async function connectVia(
  proxies: readonly Proxy[],
  address: TcpAddress,
  options: DialOptions,
  signal: AbortSignal,
  onHop: (proxy: Proxy) => void,
): Promise<Deno.TcpConn> {
  const { allow, preface } = options;
  const target = { host: address.host === ANY ? LOOPBACK : address.host, port: address.port };
  if (allow && !allow(target.host)) throw new ForbiddenError(address.text);
  const [first] = proxies;
  const direct = { ...options, allow: undefined, preface: undefined };
  const conn = await connectDirectly(first!, direct, signal).catch((error) => {
    throw proxyFailure(error, address);
  });
  // Only a close ends a handshake with a proxy that doesn't answer.
  const tunnel = new Socket(conn, first!.text);
  using _ = onAbort(signal, () => tunnel.close());
  try {
    signal.throwIfAborted();
    for (const [i, proxy] of proxies.entries()) {
      onHop(proxy);
      const hop = new Socket(conn, proxy.text);
      await HANDSHAKES[proxy.scheme](hop, proxies[i + 1] ?? target, proxy.credentials);
    }
    if (preface) await sendPreface(new Socket(conn, address.text), preface);
    return conn;
  } catch (error) {
    tunnel.close();
    throw proxyFailure(error as CoaxError, address);
  }
}

/** Makes a failure on the way through a proxy one of the proxy's: status 7. */
function proxyFailure(error: CoaxError, { text }: TcpAddress): CoaxError {
  return error instanceof RefusedError
    ? error
    : new RefusedError("proxy", error.address, `${error.reason} (for ${text})`, { cause: error });
}

/**
 * Races the routes (RFC 8305 §5): each starts `ATTEMPT_DELAY` after the one before, or when that
 * fails. The first connection wins, and the other attempts are aborted.
 */
async function connectFirst(
  routes: readonly Route[],
  log: DialOptions["log"],
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  const losers = takeController();
  using _ = onAbort(signal, () => losers.abort());
  let winner: Deno.TcpConn | undefined;
  const attempts: Promise<Deno.TcpConn>[] = [];
  for (const route of routes) {
    const attempt = connectOne(route, log, losers.signal).then((conn) => {
      if (winner) conn.close();
      return winner ??= conn;
    });
    attempts.push(attempt);
    await settledWithin(attempt, ATTEMPT_DELAY);
    if (winner) break;
  }
  try {
    return await Promise.any(attempts);
  } catch (error) {
    throw (error as AggregateError).errors[0];
  } finally {
    if (attempts.length > 1) losers.abort();
    else giveBack(losers);
  }
}

async function connectOne(
  { local, remote, text }: Route,
  log: DialOptions["log"],
  signal: AbortSignal,
): Promise<Deno.TcpConn> {
  if (log.debugging) {
    const endpoint = formatHostPort("tcp", remote.hostname, remote.port);
    log.debug("create", "create a TCP socket", { address: text });
    if (local) {
      const own = formatHostPort("tcp", local.hostname, local.port);
      log.debug("bind", `bind ${own}`, { address: own });
    }
    log.debug("connect", `connect ${endpoint}`, { address: endpoint });
  }
  try {
    return await (local
      ? connectFrom({ local, remote, text }, signal)
      : Deno.connect({ ...remote, signal }));
  } catch (error) {
    const failure = signal.aborted
      ? new UnavailableError("connect", text, "given up", { cause: error })
      : unavailable("connect", text, error);
    const { reason } = failure;
    const endpoint = formatHostPort("tcp", remote.hostname, remote.port);
    log.debug("connect-failed", `connect ${endpoint}: ${reason}`, {
      address: endpoint,
      error: reason,
    });
    throw failure;
  }
}
