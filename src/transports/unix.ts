/** Unix stream sockets, and the care that their files need. */
import type { Duplex } from "../core/duplex.ts";
import { TimeoutError, UnavailableError } from "../core/errors.ts";
import type { Incoming, Listener } from "../core/listener.ts";
import { withTimeout } from "../core/time.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { openSocket } from "./preface.ts";
import { connectRemembered, rememberAccepted } from "./unix_descriptor.ts";
import { Socket } from "./socket.ts";

interface UnixAddress {
  readonly path: string;
  readonly text: string;
}

/** Connects to a Unix socket. */
export async function dialUnix(address: UnixAddress, options: DialOptions): Promise<Duplex> {
  const socket = new Socket(await connectUnix(address, options), `unix:${address.path}`);
  if (options.preface) await socket.write(options.preface);
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
      (late) => late.close(),
    );
  } catch (error) {
    throw unavailable("connect", text, error);
  }
}

/**
 * Listens at a path. A socket that nobody serves any more is replaced; a live one, and anything
 * that is no socket, is left alone and refused.
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
  // The file must never be there with wider permissions, not even until the chmod below.
  const umask = Deno.build.os === "windows" ? undefined : Deno.umask(0o777 & ~socketMode);
  try {
    listener = Deno.listen({ transport: "unix", path });
  } catch (error) {
    throw unavailable("listen", text, error);
  } finally {
    if (umask !== undefined) Deno.umask(umask);
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
    return; // Nothing there, or nothing that can be seen: binding will say what is wrong.
  }
  if (!info.isSocket) {
    throw new UnavailableError("listen", text, "the path exists and is no socket; left as it is");
  }
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch (error) {
    const { code, message } = error as Error & { code?: string };
    if (code === "ECONNREFUSED") return await Deno.remove(path);
    // A full queue, and a socket of another kind (datagrams, without a code): somebody serves it.
    const alive = code === "EAGAIN" || /^protocol wrong type/i.test(message);
    if (!alive) throw unavailable("listen", text, error);
  }
  throw new UnavailableError("listen", text, "address in use");
}

/** Listeners whose files are still there. */
const open = new Set<UnixListener>();

// Whatever way the program ends, even at once.
globalThis.addEventListener("unload", () => {
  for (const listener of open) listener.close();
});

class UnixListener implements Listener {
  readonly addresses: readonly string[];
  readonly #inode: number | null;
  #closed = false;
  #wake = () => {};
  #count = 0;

  constructor(
    private readonly listener: Deno.UnixListener,
    private readonly path: string,
    private readonly options: ListenOptions,
  ) {
    this.addresses = [`unix:${path}`];
    this.#inode = inodeOf(path);
    open.add(this);
  }

  async accept(): Promise<Incoming | null> {
    if (this.#closed) return null;
    try {
      const conn = await this.#next();
      if (!conn) return null;
      rememberAccepted(conn, this.path);
      // Clients of a Unix socket have no address of their own: number them.
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

  /** The next connection, or null when `close` can't end the pending accept (see there). */
  #next(): Promise<Deno.UnixConn | null> {
    return new Promise((resolve, reject) => {
      this.#wake = () => resolve(null);
      this.listener.accept().then(resolve, reject);
    });
  }

  /**
   * Closing removes whatever socket is at the path. If that isn't ours any more, the descriptor
   * stays open until the process ends: nobody can reach it.
   */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    open.delete(this);
    this.#wake();
    if (inodeOf(this.path) !== this.#inode) return;
    this.listener.close();
    try {
      Deno.removeSync(this.path);
    } catch {
      // Gone already: closing removes it on some systems.
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
