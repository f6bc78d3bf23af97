/** WebSocket over TCP and Unix sockets: a stream, then the handshake of `src/ws/` on top of it. */
import { type Address, ANY, formatHostPort, parseAddress } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { onAbort } from "../core/abort.ts";
import type { Channel, Duplex } from "../core/duplex.ts";
import { TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { isLoopback } from "../address/ip.ts";
import { connectWebSocket } from "../ws/client.ts";
import { acceptWebSocket } from "../ws/server.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { dialTcp, listenTcp } from "./tcp.ts";
import { dialTls, listenTls } from "./tls/mod.ts";
import { dialUnix, listenUnix } from "./unix.ts";

type WsAddress = Extract<Address, { scheme: "ws" | "wss" | "ws+unix" }>;

/** Connects, and asks for an upgrade; `connectTimeout` counts for each of the two. */
export async function dialWs(address: WsAddress, options: DialOptions): Promise<Channel> {
  const { connectTimeout, log, ws = {} } = options;
  const { text, path = "/" } = address;
  const stream = await dialStream(address, options);
  const target = { text, path, host: authority(address) };
  return await shakeHands(
    stream,
    connectWebSocket(stream, target, ws, log),
    () => new TimeoutError("handshake", text, `no answer for ${connectTimeout! / 1000} s`),
    connectTimeout,
  );
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

/** What `Host` says: names as they go over the wire, the scheme's own port left out. */
function authority(address: WsAddress): string {
  if (address.scheme === "ws+unix") return LOOPBACK;
  const host = address.host === ANY ? LOOPBACK : address.host.replace(/%.*$/, "");
  const scheme = address.scheme === "wss" ? "https" : "http";
  return new URL(formatHostPort(scheme, host, address.port)).host;
}

/** Listens for WebSocket clients. Each does its handshake in its own time. */
export async function listenWs(address: WsAddress, options: ListenOptions): Promise<Listener[]> {
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
    return await shakeHands(
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

/** Nobody reaches a Unix socket by a name that could be rebound to it. */
function isLocal(bound: string): boolean {
  const address = parseAddress(bound);
  return "host" in address && isLoopback(address.host);
}

/** A handshake within its time; if it fails, the stream is let go of. */
async function shakeHands<T>(
  stream: Duplex,
  handshake: Promise<T>,
  late: () => Error,
  ms: number | undefined,
): Promise<T> {
  try {
    return await withTimeout(handshake, ms, late);
  } catch (error) {
    stream.close();
    throw error;
  }
}
