/** PROXY headers, first of all bytes: read from accepted sockets, sent to dialled ones. */
import { onAbort } from "../core/abort.ts";
import type { Duplex } from "../core/duplex.ts";
import { DeniedError, TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { withTimeout } from "../core/time.ts";
import { takeProxyHeader } from "../proxy/proxy_protocol.ts";
import type { ListenOptions } from "./options.ts";
import { Socket } from "./socket.ts";

/** What one accepted connection has of its own. */
interface Opening {
  readonly signal: AbortSignal;
  readonly log: Log;
}

/**
 * Makes an accepted socket a connection. With `proxyProtocol`, the PROXY header names its peer and
 * local address.
 *
 * Rejects with a `BrokenError` for a bad header, a `TimeoutError` for a late one, a `DeniedError`
 * for a peer that isn't admitted.
 */
export function openSocket(
  conn: Deno.Conn,
  peer: string,
  options: ListenOptions,
  opening: Opening,
): Promise<Duplex> {
  const socket = new Socket(conn, peer);
  return options.proxyProtocol ? takePeer(socket, conn, options, opening) : Promise.resolve(socket);
}

/** The connection of the peer that the PROXY header on `socket` names. */
async function takePeer(
  socket: Socket,
  conn: Deno.Conn,
  { admit, handshakeTimeout: timeout }: ListenOptions,
  { signal, log }: Opening,
): Promise<Duplex> {
  const { peer } = socket;
  using _ = onAbort(signal, () => socket.close());
  try {
    const original = await withTimeout(
      takeProxyHeader(socket),
      timeout,
      () => new TimeoutError("handshake", peer, `no PROXY header for ${timeout! / 1000} s`),
    );
    if (!original) return socket;
    const { source } = original;
    log.debug("proxied", `${peer} is ${source} in truth, says its PROXY header`, { peer, source });
    const reason = admit?.(original.source);
    if (reason) throw new DeniedError(original.source, reason);
    return new Socket(conn, original.source, () => original.destination);
  } catch (error) {
    socket.close();
    throw error;
  }
}

/** Sends `preface` on a new connection; closes it and rejects when that fails. */
export async function sendPreface(socket: Duplex, preface: Uint8Array): Promise<void> {
  try {
    await socket.write(preface);
  } catch (error) {
    socket.close();
    throw error;
  }
}
