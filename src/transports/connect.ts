/** Connecting TCP sockets: to the first address that answers, or through proxies. */
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
import { socks5Connect } from "../proxy/socks5.ts";
import type { Proxy } from "../proxy/url.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions } from "./options.ts";
import { resolve } from "./resolve.ts";
import { Socket } from "./socket.ts";

export type TcpAddress = HostPort & { readonly text: string };

/** How long an address may take before the next one is tried beside it (RFC 8305 §5). */
const ATTEMPT_DELAY = 250;

/**
 * A connected TCP socket, through proxies where there are some, with the preface sent: what every
 * transport over TCP begins with.
 *
 * Rejects with a `ResolveError`, an `UnavailableError`, a `TimeoutError` or a `RefusedError`.
 */
export async function connectTcp(
  address: TcpAddress,
  options: DialOptions,
): Promise<Deno.TcpConn> {
  const { connectTimeout, via = [] } = options;
  if (address.port === 0) {
    throw new AddressError(address.text, "port 0 can only be listened on");
  }
  // What isn't given up goes on in the kernel for minutes, and keeps its descriptor.
  const late = new AbortController();
  let [hop] = via;
  const connecting = hop
    ? connectVia(via, address, options, late.signal, (proxy) => hop = proxy)
    : connectDirectly(address, options, late.signal);
  return await withTimeout(connecting, connectTimeout, () => {
    late.abort();
    const text = hop ? hop.text : address.text;
    const timeout = new TimeoutError("connect", text, `timed out after ${connectTimeout} ms`);
    return hop ? refusal(timeout, address) : timeout;
  }, (conn) => conn.close());
}

async function connectDirectly(
  address: TcpAddress,
  options: DialOptions,
  late: AbortSignal,
): Promise<Deno.TcpConn> {
  const { allow, log, preface } = options;
  const hosts = await resolve(address.host, address.text, options);
  const allowed = allow ? hosts.filter(allow) : hosts;
  if (allowed.length === 0) throw new ForbiddenError(address.text);
  const conn = await connectFirst(allowed, address, log, late);
  conn.setNoDelay(true);
  if (preface) await new Socket(conn, address.text).write(preface);
  return conn;
}

/**
 * A tunnel through `proxies`, the nearest first; names behind the first are resolved by them. The
 * handshakes take no byte too many, so that the bare socket is the tunnel. `asking` is told which
 * proxy has to answer next.
 */
async function connectVia(
  proxies: readonly Proxy[],
  address: TcpAddress,
  options: DialOptions,
  late: AbortSignal,
  asking: (proxy: Proxy) => void,
): Promise<Deno.TcpConn> {
  const { allow, preface } = options;
  const target = { host: address.host === ANY ? LOOPBACK : address.host, port: address.port };
  if (allow && !allow(target.host)) throw new ForbiddenError(address.text);
  const [nearest] = proxies;
  const direct = { ...options, allow: undefined, preface: undefined };
  const conn = await connectDirectly(nearest!, direct, late).catch((error) => {
    throw refusal(error, address);
  });
  // A handshake with a proxy that says nothing has no other end.
  const tunnel = new Socket(conn, nearest!.text);
  using _ = onAbort(late, () => tunnel.close());
  try {
    late.throwIfAborted();
    for (const [i, proxy] of proxies.entries()) {
      asking(proxy);
      const hop = new Socket(conn, proxy.text);
      const handshake = proxy.scheme === "socks5" ? socks5Connect : httpConnect;
      await handshake(hop, proxies[i + 1] ?? target, proxy.credentials);
    }
    if (preface) await new Socket(conn, address.text).write(preface);
    return conn;
  } catch (error) {
    tunnel.close();
    throw refusal(error as CoaxError, address);
  }
}

/** Whatever fails on the way through a proxy is the proxy's failure. */
function refusal(error: CoaxError, { text }: TcpAddress): CoaxError {
  return error instanceof RefusedError
    ? error
    : new RefusedError("proxy", error.address, `${error.reason} (for ${text})`, { cause: error });
}

/**
 * Races the addresses, each a little after the one before; the first connection wins, and the
 * others are given up.
 */
async function connectFirst(
  hosts: readonly string[],
  address: TcpAddress,
  log: DialOptions["log"],
  late: AbortSignal,
): Promise<Deno.TcpConn> {
  if (hosts.length === 1) return await connectOne(hosts[0]!, address, log, late);
  const won = new AbortController();
  const giveUp = AbortSignal.any([late, won.signal]);
  let winner: Deno.TcpConn | undefined;
  const attempts: Promise<Deno.TcpConn>[] = [];
  for (const host of hosts) {
    const attempt = connectOne(host, address, log, giveUp).then((conn) => {
      if (winner) conn.close();
      won.abort();
      return winner ??= conn;
    });
    attempts.push(attempt);
    // On to the next when this one fails, or when it takes too long.
    await settledWithin(attempt, ATTEMPT_DELAY);
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
  giveUp: AbortSignal,
): Promise<Deno.TcpConn> {
  const shown = formatHostPort("tcp", hostname, port);
  log.debug("create", "create a TCP socket", { address: text });
  log.debug("connect", `connect ${shown}`, { address: shown });
  try {
    return await Deno.connect({ hostname, port, signal: giveUp });
  } catch (error) {
    const failure = giveUp.aborted
      ? new UnavailableError("connect", text, "given up", { cause: error })
      : unavailable("connect", text, error);
    const { reason } = failure;
    log.debug("connect-failed", `connect ${shown}: ${reason}`, { address: shown, error: reason });
    throw failure;
  }
}
