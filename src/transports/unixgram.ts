/**
 * Unix sockets for datagrams, as `/dev/log` is one. A listener makes every peer a session, as with
 * UDP; but a full receiver slows its senders down, and only a peer that is bound to a path of its
 * own can be answered.
 */
import { formatSocketPath } from "../address/socket_path.ts";
import type { Channel } from "../core/duplex.ts";
import { UnavailableError } from "../core/errors.ts";
import { LARGEST_UNIX_DATAGRAM } from "../core/limits.ts";
import type { Listener } from "../core/listener.ts";
import { type DatagramKind, DatagramListener, DEFAULT_IDLE_TIMEOUT } from "./datagram/listener.ts";
import { DatagramSession } from "./datagram/session.ts";
import { DatagramSocket } from "./datagram/socket.ts";
import { unavailable } from "./failure.ts";
import type { DialOptions, ListenOptions } from "./options.ts";
import { bindUnix, type BoundUnix, isOtherType } from "./socket_file.ts";
import type { UnixAddress } from "./unix_address.ts";
import { bindDatagrams, type UnixDatagrams, type UnixPeer } from "./unixgram_socket.ts";

const UNANSWERABLE = "for a peer that has no path of its own: dropped";
const SESSION = { largest: LARGEST_UNIX_DATAGRAM, exactErrors: true };

/** Binds a path. Rejects as `bindUnix` does. */
export async function listenUnixgram(
  address: UnixAddress,
  { socketMode, idleTimeout, log }: ListenOptions,
): Promise<Listener> {
  const { path, text } = address;
  const local = shown(path);
  log.debug("create", "create a Unix socket for datagrams", { address: text });
  const bound = await bindUnix(address, socketMode, () => {
    log.debug("bind", `bind ${local}`, { address: text });
    return bindDatagrams(path);
  });
  const kind: DatagramKind<UnixPeer> = {
    local,
    format: (from) => from.path ? shown(from.path) : `${local}#unnamed`,
    slowsSenders: true,
    session: (from) => ({ ...SESSION, unreachable: from.path ? undefined : UNANSWERABLE }),
  };
  const idle = idleTimeout ?? DEFAULT_IDLE_TIMEOUT;
  return new DatagramListener(connOf(bound), [local], idle, log, kind);
}

function shown(path: string): string {
  return `unixgram:${formatSocketPath(path)}`;
}

/**
 * A session with a socket of its own, which has an abstract name, so that there can be answers; the
 * system takes them from the target alone. Throws an `UnavailableError` where nobody receives
 * datagrams.
 */
export function dialUnixgram({ path, text }: UnixAddress, { log }: DialOptions): Channel {
  const own = `\0coax-${crypto.randomUUID()}`;
  log.debug("create", "create a Unix socket for datagrams", { address: text });
  log.debug("bind", `bind ${shown(own)}`, { address: text });
  const target: Deno.UnixAddr = { transport: "unixpacket", path };
  const deliver = (data: Uint8Array) => session.deliver(data);
  const socket = new DatagramSocket(bindFor(own, { path, text }), log, deliver);
  const session: DatagramSession<UnixPeer> = new DatagramSession(socket, target, shown(path), {
    ...SESSION,
    log,
    expires: false,
  });
  return session;
}

function bindFor(own: string, { path, text }: UnixAddress): UnixDatagrams {
  try {
    return bindDatagrams(own, path);
  } catch (error) {
    if (!isOtherType(error)) throw unavailable("connect", text, error);
    const reason = `a socket for streams is there; did you mean unix:${formatSocketPath(path)}?`;
    throw new UnavailableError("connect", text, reason, { cause: error });
  }
}

/** The socket as sessions use it: closing it removes its file. */
function connOf(bound: BoundUnix<UnixDatagrams>): UnixDatagrams {
  const { socket } = bound;
  return {
    addr: socket.addr,
    receive: (deliver) => socket.receive(deliver),
    send: (data, to) => socket.send(data, to),
    close: () => bound.close(),
  };
}
