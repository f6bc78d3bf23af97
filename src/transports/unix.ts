/** Unix stream sockets, and the files that they are bound to. */
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError, UnavailableError } from "../core/errors.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { BACKLOG } from "./bind.ts";
import { unavailable } from "./failure.ts";
import { pathInUse, unixBindFailure } from "./listen_failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { openSocket, sendPreface } from "./preface.ts";
import { setUmask } from "./umask.ts";
import { connectRemembered, rememberAccepted, withBacklog } from "./unix_descriptor.ts";
import { Socket } from "./socket.ts";

interface UnixAddress {
  readonly path: string;
  readonly text: string;
}

/** Connects to a Unix socket. Rejects with an `UnavailableError` or a `TimeoutError`. */
export async function dialUnix(address: UnixAddress, options: DialOptions): Promise<Duplex> {
  const socket = new Socket(await connectUnix(address, options), `unix:${address.path}`);
  await sendPreface(socket, options.preface);
  return socket;
}

async function connectUnix(
  { path, text }: UnixAddress,
  { log, connectTimeout }: DialOptions,
): Promise<Deno.UnixConn> {
  log.debug("create", "create a Unix socket", { address: text });
  log.debug("connect", `connect unix:${path}`, { address: text });
  try {
    return await withTimeout(
      connectRemembered(() => Deno.connect({ transport: "unix", path })),
      connectTimeout,
      () => new TimeoutError("connect", text, `timed out after ${connectTimeout} ms`),
      (conn) => conn.close(),
    );
  } catch (error) {
    throw unavailable("connect", text, error);
  }
}

/**
 * Listens at a path. A stale socket, whose listener is gone, is replaced. Rejects with an
 * `UnavailableError` for a live socket and for any other file, and leaves both as they are.
 */
export async function listenUnix(
  { path, text }: UnixAddress,
  options: ListenOptions,
): Promise<Listener> {
  const { socketMode, log } = options;
  await removeStale(path, text);
  log.debug("create", "create a Unix socket", { address: text });
  log.debug("bind", `bind unix:${path}`, { address: text });
  let listener: Deno.UnixListener;
  // The file must never have wider permissions, not even until the chmod below.
  const umask = setUmask(0o777 & ~socketMode);
  try {
    listener = withBacklog(path, BACKLOG, () => Deno.listen({ transport: "unix", path }));
  } catch (error) {
    throw unixBindFailure(text, path, error);
  } finally {
    if (umask !== undefined) setUmask(umask);
  }
  if (umask !== undefined) Deno.chmodSync(path, socketMode);
  log.debug("listen", `listen on unix:${path}`, { address: text });
  return new UnixListener(listener, path, options);
}

async function removeStale(path: string, text: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch {
    return; // No such file, or an unreadable directory: binding reports what is wrong.
  }
  if (!info.isSocket) {
    throw new UnavailableError("listen", text, "the path exists and is no socket; left as it is");
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "ECONNREFUSED") return await Deno.remove(path);
    // Live: a full backlog (EAGAIN), or a datagram socket (an error without a code).
    const alive = code === "EAGAIN" || /^protocol wrong type/i.test(message);
    if (!alive) throw unavailable("listen", text, error);
  }
  throw pathInUse(text, path);
}

/** Listeners whose files haven't been removed. */
const openListeners = new Set<UnixListener>();

// Runs however the program exits.
globalThis.addEventListener("unload", () => {
  for (const listener of openListeners) listener.close();
});

class UnixListener implements Listener {
  readonly addresses: readonly string[];
  readonly #inode: number | null;
  #closed = false;
  #cancelAccept = () => {};
  #count = 0;

  constructor(
    private readonly listener: Deno.UnixListener,
    private readonly path: string,
    private readonly options: ListenOptions,
  ) {
    this.addresses = [`unix:${path}`];
    this.#inode = inodeOf(path);
    openListeners.add(this);
  }

  async accept(): Promise<Incoming | null> {
    if (this.#closed) return null;
    try {
      const conn = await this.#next();
      if (!conn) return null;
      rememberAccepted(conn, this.path);
      // Clients of a Unix socket have no address: number them.
      const peer = `unix:${this.path}#${++this.#count}`;
      return {
        peer,
        local: `unix:${this.path}`,
        handshake: this.options.proxyProtocol,
        open: (signal, log) => openSocket(conn, peer, { ...this.options, log }, signal),
        refuse: () => conn.close(),
      };
    } catch (error) {
      if (this.#closed) return null;
      throw unavailable("accept", this.addresses[0]!, error);
    }
  }

  /** The next connection, or null after a `close` that had to leave the listener open. */
  #next(): Promise<Deno.UnixConn | null> {
    return new Promise((resolve, reject) => {
      this.#cancelAccept = () => resolve(null);
      this.listener.accept().then(resolve, reject);
    });
  }

  /**
   * Closes the listener and removes its file. The runtime's close removes any socket at the path:
   * if another process's is there now, the descriptor stays open instead, out of clients' reach.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    openListeners.delete(this);
    this.#cancelAccept();
    if (inodeOf(this.path) !== this.#inode) return;
    this.listener.close();
    try {
      Deno.removeSync(this.path);
    } catch {
      // Removed already: the runtime's close does it on some systems.
    }
  }
}

function inodeOf(path: string): number | null {
  try {
    return Deno.lstatSync(path).ino;
  } catch {
    return null;
  }
}
