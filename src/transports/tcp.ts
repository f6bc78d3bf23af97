/** TCP connections and listeners, also for TLS and WebSocket on top of them. */
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { BACKLOG, type Bindable, bindAll, type Protocol } from "./bind.ts";
import { connectTcp, type TcpAddress } from "./connect.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { formatPeer, localOf, remoteOf } from "./peer.ts";
import { openSocket } from "./preface.ts";
import { Socket } from "./socket.ts";

export const TCP: Protocol<Deno.TcpListener> = {
  name: "TCP",
  bind: (options) => Deno.listen({ ...options, tcpBacklog: BACKLOG }),
};

/** Connects to a TCP address. Rejects as `connectTcp` does. */
export async function dialTcp(address: TcpAddress, options: DialOptions): Promise<Duplex> {
  const conn = await connectTcp(address, options);
  return new Socket(conn, remoteOf(conn) ?? address.text, () => localOf(conn));
}

/** Opens accepted connections. */
interface Opener<C = Deno.TcpConn> {
  /** Does the handshake, if there is one, and yields the transport's connection. */
  open(conn: C, peer: string, signal: AbortSignal, log: Log): Promise<Connection>;
  /** Whether `open` does a handshake. */
  readonly handshake?: boolean;
  /** Closes a connection that won't be opened; `conn.close()` by default. */
  refuse?(conn: C): void;
}

/** Listens on every address that `address` names, with one port. Rejects as `bindAll` does. */
export async function listenTcp(
  address: Bindable,
  options: ListenOptions,
): Promise<Listener[]> {
  const bound = await bindAll(address, options, TCP);
  const open: Opener["open"] = (conn, peer, signal, log) =>
    openSocket(conn, peer, options, { signal, log });
  return bound.map(({ socket, addresses }) =>
    new StreamListener(socket, addresses, options.log, { open, handshake: options.proxyProtocol })
  );
}

/** Codes of `accept` for a connection that was reset in the backlog: the listener goes on. */
const RESET_CODES: ReadonlySet<string | undefined> = new Set([
  "ENOTCONN",
  "ECONNABORTED",
  "ECONNRESET",
]);

/** A listener of TCP or TLS connections. */
export class StreamListener<C extends Deno.TcpConn | Deno.TlsConn> implements Listener {
  #closed = false;

  constructor(
    private readonly listener: Deno.Listener<C, Deno.NetAddr>,
    readonly addresses: readonly string[],
    private readonly log: Log,
    private readonly opener: Opener<C>,
  ) {}

  async accept(): Promise<Incoming | null> {
    while (!this.#closed) {
      try {
        const incoming = this.#incoming(await this.listener.accept());
        if (incoming) return incoming;
      } catch (error) {
        if (this.#closed) return null;
        const { code } = error as { code?: string };
        if (!RESET_CODES.has(code)) throw unavailable("accept", this.addresses[0]!, error);
      }
      this.#missed();
    }
    return null;
  }

  /** Nobody knows any more whose connection it was. */
  #missed(): void {
    const address = formatPeer(this.listener.addr);
    const text = `a connection to ${address} was reset before it was accepted`;
    this.log.debugging?.debug("missed", text, { address });
  }

  /** Undefined if the peer has reset the connection: then reading its address fails. */
  #incoming(conn: C): Incoming | undefined {
    try {
      // The runtime has no `setNoDelay` for an accepted TLS connection.
      if ("setNoDelay" in conn) conn.setNoDelay(true);
      const peer = formatPeer(conn.remoteAddr);
      return {
        peer,
        local: formatPeer(conn.localAddr as Deno.NetAddr),
        handshake: this.opener.handshake,
        open: (signal, log) => this.opener.open(conn, peer, signal, log),
        refuse: () => this.opener.refuse ? this.opener.refuse(conn) : conn.close(),
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
