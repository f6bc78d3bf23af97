/** Unix stream sockets. */
import { formatSocketPath } from "../address/socket_path.ts";
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError, UnavailableError } from "../core/errors.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { BACKLOG } from "./bind.ts";
import { unavailable } from "./failure.ts";
import { connectByLibc, listenByLibc, needsLibc } from "./libc_stream.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { openSocket, sendPreface } from "./preface.ts";
import { connectRemembered, rememberAccepted, withBacklog } from "./unix_descriptor.ts";
import { Socket } from "./socket.ts";
import { bindUnix, type BoundUnix, isOtherType } from "./socket_file.ts";
import type { UnixAddress } from "./unix_address.ts";

/** Connects to a Unix socket. Rejects with an `UnavailableError` or a `TimeoutError`. */
export async function dialUnix(address: UnixAddress, options: DialOptions): Promise<Duplex> {
  const socket = new Socket(await connectUnix(address, options), shown(address.path));
  if (options.preface) await sendPreface(socket, options.preface);
  return socket;
}

async function connectUnix(
  address: UnixAddress,
  { log, connectTimeout }: DialOptions,
): Promise<Deno.UnixConn> {
  const { path, text } = address;
  const byLibc = needsLibc(address);
  log.debug("create", "create a Unix socket", { address: text });
  log.debug("connect", `connect ${shown(path)}`, { address: text });
  try {
    if (byLibc) return connectByLibc(path);
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
  const byLibc = needsLibc(address);
  /** The path as the system has it, by which connections are found. */
  let known: string | undefined;
  const bound = await bindUnix(address, socketMode, () => {
    log.debug("create", "create a Unix socket", { address: text });
    log.debug("bind", `bind ${shown(path)}`, { address: text });
    if (byLibc) return listenByLibc(path);
    const listening = withBacklog(BACKLOG, () => Deno.listen({ transport: "unix", path }));
    known = listening.path;
    return listening.listener;
  });
  log.debug("listen", `listen on ${shown(path)}`, { address: text });
  return new UnixListener(bound, shown(path), known, options);
}

function shown(path: string): string {
  return `unix:${formatSocketPath(path)}`;
}

class UnixListener implements Listener {
  readonly addresses: readonly string[];
  #closed = false;
  #cancelAccept = () => {};
  #count = 0;

  constructor(
    private readonly bound: BoundUnix<Deno.UnixListener>,
    private readonly local: string,
    private readonly path: string | undefined,
    private readonly options: ListenOptions,
  ) {
    this.addresses = [local];
  }

  async accept(): Promise<Incoming | null> {
    if (this.#closed) return null;
    try {
      const conn = await this.#next();
      if (!conn) return null;
      if (this.path !== undefined) rememberAccepted(conn, this.path);
      // Clients of a Unix socket have no address: number them.
      const peer = `${this.local}#${++this.#count}`;
      return {
        peer,
        local: this.local,
        handshake: this.options.proxyProtocol,
        open: (signal, log) => openSocket(conn, peer, this.options, { signal, log }),
        refuse: () => conn.close(),
      };
    } catch (error) {
      if (this.#closed) return null;
      throw unavailable("accept", this.local, error);
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
