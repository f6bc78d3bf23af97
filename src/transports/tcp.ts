/** TCP, as it is and as the ground that TLS and WebSocket stand on. */
import type { Connection, Duplex } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { type Bindable, bindAll, type Kind } from "./bind.ts";
import { connectTcp, type TcpAddress } from "./connect.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { formatPeer, remoteOf } from "./peer.ts";
import { openSocket } from "./preface.ts";
import { Socket } from "./socket.ts";

const TCP: Kind<Deno.TcpListener> = { name: "TCP", bind: (options) => Deno.listen(options) };

/** Connects to a TCP address. */
export async function dialTcp(address: TcpAddress, options: DialOptions): Promise<Duplex> {
  const conn = await connectTcp(address, options);
  return new Socket(conn, remoteOf(conn) ?? address.text);
}

/** What becomes of an accepted connection. */
interface Opening<C = Deno.TcpConn> {
  /** Makes of it what a transport yields; a handshake takes place here. */
  open(conn: C, peer: string, signal: AbortSignal, log: Log): Promise<Connection>;
  /** Whether one does. */
  readonly handshake?: boolean;
  /** Closes what isn't going to be opened; `close` by default. */
  refuse?(conn: C): void;
}

/** Listens on every address that `address` names, with one port. */
export async function listenTcp(
  address: Bindable,
  options: ListenOptions,
): Promise<Listener[]> {
  const bound = await bindAll(address, options, TCP);
  const open: Opening["open"] = (conn, peer, signal, log) =>
    openSocket(conn, peer, { ...options, log }, signal);
  return bound.map(({ socket, addresses }) =>
    new StreamListener(socket, addresses, { open, handshake: options.proxyProtocol })
  );
}

/** What `accept` says of a connection that its peer reset while it waited: the listener is fine. */
const GONE: ReadonlySet<string | undefined> = new Set(["ENOTCONN", "ECONNABORTED", "ECONNRESET"]);

/** A bound TCP socket whose connections are plain ones, or are going to do a handshake. */
export class StreamListener<C extends Deno.TcpConn | Deno.TlsConn> implements Listener {
  #closed = false;

  constructor(
    private readonly listener: Deno.Listener<C, Deno.NetAddr>,
    readonly addresses: readonly string[],
    private readonly opening: Opening<C>,
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
  #incoming(conn: C): Incoming | undefined {
    try {
      // The runtime has no such switch for an accepted TLS connection.
      if ("setNoDelay" in conn) conn.setNoDelay(true);
      const peer = formatPeer(conn.remoteAddr);
      return {
        peer,
        local: formatPeer(conn.localAddr as Deno.NetAddr),
        handshake: this.opening.handshake,
        open: (signal, log) => this.opening.open(conn, peer, signal, log),
        refuse: () => this.opening.refuse ? this.opening.refuse(conn) : conn.close(),
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
