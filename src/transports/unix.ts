/** Unix stream sockets. */
import { formatSocketPath, isAbstract } from "../address/socket_path.ts";
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError, UnavailableError } from "../core/errors.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { connectAbstract, listenAbstract } from "./abstract.ts";
import { BACKLOG } from "./bind.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { openSocket, sendPreface } from "./preface.ts";
import { connectRemembered, rememberAccepted, withBacklog } from "./unix_descriptor.ts";
import { Socket } from "./socket.ts";
import { bindUnix, type BoundUnix, isOtherType, type UnixAddress } from "./socket_file.ts";

/** Connects to a Unix socket. Rejects with an `UnavailableError` or a `TimeoutError`. */
export async function dialUnix(address: UnixAddress, options: DialOptions): Promise<Duplex> {
  const socket = new Socket(await connectUnix(address, options), shown(address.path));
  if (options.preface) await sendPreface(socket, options.preface);
  return socket;
}

async function connectUnix(
  { path, text }: UnixAddress,
  { log, connectTimeout }: DialOptions,
): Promise<Deno.UnixConn> {
  log.debug("create", "create a Unix socket", { address: text });
  log.debug("connect", `connect ${shown(path)}`, { address: text });
  try {
    if (isAbstract(path)) return connectAbstract(path); // It never waits.
    return await withTimeout(
      connectRemembered(() => Deno.connect({ transport: "unix", path })),
      connectTimeout,
      () => new TimeoutError("connect", text, `timed out after ${connectTimeout} ms`),
      (conn) => conn.close(),
    );
  } catch (error) {
    if (!isOtherType(error)) throw unavailable("connect", text, error);
    const reason = `a socket for datagrams is there; did you mean unixgram:${
      formatSocketPath(path)
    }?`;
    throw new UnavailableError("connect", text, reason, { cause: error });
  }
}

/** Listens at a path or an abstract name. Rejects as `bindUnix` does. */
export async function listenUnix(
  address: UnixAddress,
  options: ListenOptions,
): Promise<Listener> {
  const { path, text } = address;
  const { socketMode, log } = options;
  const bound = await bindUnix(address, socketMode, () => {
    log.debug("create", "create a Unix socket", { address: text });
    log.debug("bind", `bind ${shown(path)}`, { address: text });
    if (isAbstract(path)) return listenAbstract(path);
    return withBacklog(path, BACKLOG, () => Deno.listen({ transport: "unix", path }));
  });
  log.debug("listen", `listen on ${shown(path)}`, { address: text });
  return new UnixListener(bound, path, options);
}

function shown(path: string): string {
  return `unix:${formatSocketPath(path)}`;
}

class UnixListener implements Listener {
  readonly addresses: readonly string[];
  readonly #local: string;
  #closed = false;
  #cancelAccept = () => {};
  #count = 0;

  constructor(
    private readonly bound: BoundUnix<Deno.UnixListener>,
    private readonly path: string,
    private readonly options: ListenOptions,
  ) {
    this.#local = shown(path);
    this.addresses = [this.#local];
  }

  async accept(): Promise<Incoming | null> {
    if (this.#closed) return null;
    try {
      const conn = await this.#next();
      if (!conn) return null;
      if (!isAbstract(this.path)) rememberAccepted(conn, this.path);
      // Clients of a Unix socket have no address: number them.
      const peer = `${this.#local}#${++this.#count}`;
      return {
        peer,
        local: this.#local,
        handshake: this.options.proxyProtocol,
        open: (signal, log) => openSocket(conn, peer, this.options, { signal, log }),
        refuse: () => conn.close(),
      };
    } catch (error) {
      if (this.#closed) return null;
      throw unavailable("accept", this.#local, error);
    }
  }

  /** The next connection, or null after a `close` that had to leave the socket open. */
  #next(): Promise<Deno.UnixConn | null> {
    return new Promise((resolve, reject) => {
      this.#cancelAccept = () => resolve(null);
      this.bound.socket.accept().then(resolve, reject);
    });
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#cancelAccept();
    this.bound.close();
  }
}
