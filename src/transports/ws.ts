/** WebSocket over TCP, TLS and Unix sockets: opens the stream, then does the upgrade. */
import { type Address, formatHostPort, parseAddress } from "../address/address.ts";
import { isLoopback, LOOPBACK } from "../address/ip.ts";
import { formatSocketPath } from "../address/socket_path.ts";
import { hostField } from "../address/web.ts";
import { onAbort } from "../core/abort.ts";
import type { Channel, Duplex } from "../core/duplex.ts";
import { AddressError, TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { connectWebSocket } from "../ws/client.ts";
import { destinationOf, RedirectError, withoutCredentials } from "../ws/redirect.ts";
import { acceptWebSocket } from "../ws/server.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { dialTcp, listenTcp } from "./tcp.ts";
import { dialTls, listenTls } from "./tls/mod.ts";
import { dialUnix, listenUnix } from "./unix.ts";

type WsAddress = Extract<Address, { scheme: "ws" | "wss" | "ws+unix" }>;

/**
 * Connects and upgrades, following redirects as far as the options allow; `connectTimeout` applies
 * to each connection and to each handshake.
 *
 * Rejects as the stream's `dial` does, with a `TimeoutError`, or with a `RefusedError`.
 */
export async function dialWs(first: WsAddress, options: DialOptions): Promise<Channel> {
  const { follow = 0 } = options.ws ?? {};
  let address = first;
  for (let followed = 0;; followed++) {
    try {
      return await dialOne(address, isSameOrigin(address, first) ? options : abroad(options));
    } catch (error) {
      if (!(error instanceof RedirectError) || follow === 0) throw error;
      if (followed === follow) throw error.afterAll(follow);
      address = redirected(error, address, first, options.visitor?.path ?? "/");
      const { text } = address;
      options.log.info("redirect", `${error.line}: on to ${text}`, { address: text });
    }
  }
}

async function dialOne(address: WsAddress, options: DialOptions): Promise<Channel> {
  const { connectTimeout, log } = options;
  const ws = { ...options.ws, ...options.visitor?.ws };
  const { text, path = options.visitor?.path ?? "/" } = address;
  const stream = await dialStream(address, options);
  const login = address.scheme === "ws+unix" ? undefined : address.login;
  const target = { text, path, host: authority(address), login, ...otherAddresses(address) };
  return await doHandshake(
    stream,
    connectWebSocket(stream, target, ws, log),
    () => new TimeoutError("handshake", text, `no answer for ${connectTimeout! / 1000} s`),
    connectTimeout,
  );
}

/**
 * The address that a redirect from `address` leads to; the origin of `first` gets its login.
 *
 * @param asked The path where the address has none.
 */
function redirected(
  error: RedirectError,
  address: WsAddress,
  first: WsAddress,
  asked: string,
): WsAddress {
  const isSecure = address.scheme === "wss";
  const base = { isSecure, authority: authority(address), path: address.path ?? asked };
  const next = destinationOf(error, base);
  if (address.scheme === "ws+unix") {
    if (next.authority !== base.authority || next.isSecure) {
      throw error.refused("which isn't at this Unix socket");
    }
    return {
      ...address,
      path: next.path,
      text: `ws+unix:${formatSocketPath(address.socket)}:${next.path}`,
    };
  }
  const text = `${next.isSecure ? "wss" : "ws"}://${next.authority}${next.path}`;
  const target = parseAddress(text) as WsAddress;
  const login = "login" in first && isSameOrigin(target, first) ? first.login : undefined;
  return login ? { ...target, login } as WsAddress : target;
}

/** Whether both are of one scheme, host and port (RFC 6454 §4). */
function isSameOrigin(one: WsAddress, other: WsAddress): boolean {
  return one.scheme === other.scheme && authority(one) === authority(other);
}

/** The options for an origin that the user didn't name: without credentials, and without a name. */
function abroad(options: DialOptions): DialOptions {
  const { tls, ws, visitor } = options;
  return {
    ...options,
    tls: tls && { ...tls, clientCert: undefined, serverName: undefined },
    ws: ws && { ...ws, headers: withoutCredentials(ws.headers ?? []) },
    visitor: visitor && { ...visitor, ws: { ...visitor.ws, passed: [] } },
  };
}

/** Addresses of the same peer, for messages: over TLS, and without WebSocket. */
function otherAddresses(address: WsAddress): { secure?: string; plain: string } {
  if (address.scheme === "ws+unix") return { plain: `unix:${formatSocketPath(address.socket)}` };
  const { scheme, host, port, path } = address;
  if (scheme === "wss") return { plain: formatHostPort("tls", host, port) };
  const secure = formatHostPort("wss", host, port, path);
  return { secure, plain: formatHostPort("tcp", host, port) };
}

async function dialStream(address: WsAddress, options: DialOptions): Promise<Duplex> {
  switch (address.scheme) {
    case "ws":
      return await dialTcp(address, options);
    case "wss":
      return await dialTls(address, options);
    case "ws+unix":
      return await dialUnix({ path: address.socket, text: address.text }, options);
  }
}

/** The value of `Host`. */
function authority(address: WsAddress): string {
  return address.scheme === "ws+unix" ? LOOPBACK : hostField(address.scheme === "wss", address);
}

/** Listens for WebSocket clients; a slow handshake doesn't delay other clients. */
export async function listenWs(address: WsAddress, options: ListenOptions): Promise<Listener[]> {
  if ("login" in address) {
    throw new AddressError(address.text, "a user and password are for connecting, not listening");
  }
  const listeners = await listenStream(address, options);
  return listeners.map((listener) => new WsListener(listener, address, options));
}

async function listenStream(address: WsAddress, options: ListenOptions): Promise<Listener[]> {
  switch (address.scheme) {
    case "ws": {
      const { host, port, text } = address;
      return await listenTcp({ scheme: "tcp", host, port, text }, options);
    }
    case "wss": {
      const { host, port, text } = address;
      return await listenTls({ scheme: "tls", host, port, text }, options);
    }
    case "ws+unix":
      return [await listenUnix({ path: address.socket, text: address.text }, options)];
  }
}

class WsListener implements Listener {
  readonly addresses: readonly string[];
  readonly #loopback: boolean;

  constructor(
    private readonly listener: Listener,
    private readonly address: WsAddress,
    private readonly options: ListenOptions,
  ) {
    const { path = "" } = address;
    this.#loopback = listener.addresses.every(isLocal);
    this.addresses = listener.addresses.map((bound) => {
      return bound.startsWith("unix:")
        ? `ws+${bound}${path && `:${path}`}`
        : bound.replace(/^[^:]+/, address.scheme) + path;
    });
  }

  async accept(): Promise<Incoming | null> {
    const incoming = await this.listener.accept();
    if (!incoming) return null;
    return {
      ...incoming,
      handshake: true,
      open: (signal, log) => this.#open(incoming, signal, log),
    };
  }

  async #open(incoming: Incoming, signal: AbortSignal, log: Log): Promise<Channel> {
    const { handshakeTimeout, ws = {} } = this.options;
    const { peer } = incoming;
    const stream = await incoming.open(signal, log) as Duplex;
    const site = { path: this.address.path, loopback: this.#loopback };
    using _ = onAbort(signal, () => stream.close());
    return await doHandshake(
      stream,
      acceptWebSocket(stream, site, ws, log),
      () => new TimeoutError("handshake", peer, `nothing whole for ${handshakeTimeout! / 1000} s`),
      handshakeTimeout,
    );
  }

  close(): void {
    this.listener.close();
  }
}

/** Whether it is loopback: `Host` is checked there against DNS rebinding. A Unix socket is not. */
function isLocal(bound: string): boolean {
  const address = parseAddress(bound);
  return "host" in address && isLoopback(address.host);
}

/** Waits for a handshake for `ms` milliseconds, and closes the stream if it fails. */
async function doHandshake<T>(
  stream: Duplex,
  handshake: Promise<T>,
  timeoutError: () => Error,
  ms: number | undefined,
): Promise<T> {
  try {
    return await withTimeout(handshake, ms, timeoutError);
  } catch (error) {
    stream.close();
    throw error;
  }
}
