/**
 * Keep-alive of TCP connections (RFC 9293 §3.8.4): the system asks a silent peer whether it is
 * still there. So a machine that is gone is noticed, and what is in between doesn't forget.
 */
import { UsageError } from "../core/errors.ts";
import { connectionBetween, type Descriptor, listenerAt, socketCalls } from "./descriptor.ts";

/**
 * Milliseconds of silence before the peer is asked, and between questions; undefined for those of
 * the system (Linux: two hours).
 */
export type KeepAlive = number | "off" | undefined;

/** Sets what a listener's connections inherit, where the C library is there for it. */
export function keepAcceptedAlive(listener: Deno.Addr, keepAlive: KeepAlive): void {
  if (keepAlive !== "off") set(listenerAt(listener as Deno.NetAddr), keepAlive);
}

/** Sets it for a connection of ours. */
export function keepAlive(conn: Deno.TcpConn, keepAlive: KeepAlive): void {
  if (keepAlive === "off") return;
  if (keepAlive === undefined) return conn.setKeepAlive(true);
  set(connectionBetween(conn.localAddr, conn.remoteAddr), keepAlive);
}

function set(descriptor: Descriptor | undefined, milliseconds: number | undefined): void {
  descriptor?.keepAlive(milliseconds === undefined ? undefined : Math.ceil(milliseconds / 1000));
}

/** Returns a setting that this system can make. Throws a `UsageError` for any other. */
export function requireKeepAlive(keepAlive: KeepAlive): KeepAlive {
  if (typeof keepAlive !== "number" || socketCalls()) return keepAlive;
  throw new UsageError("--keepalive D", "needs Linux and the GNU C library");
}
