/** Who is at the other end of a socket, in the form that messages and addresses have. */
import { formatHostPort } from "../address/address.ts";

/** The peer's address, or undefined if it has already reset the connection. */
export function remoteOf(conn: Deno.Conn<Deno.NetAddr>): string | undefined {
  try {
    return formatPeer(conn.remoteAddr);
  } catch {
    return undefined;
  }
}

/** `127.0.0.1:4242`, `[::1]:4242`; an IPv4-mapped address (RFC 4291 §2.5.5.2) as IPv4. */
export function formatPeer(address: Deno.NetAddr): string {
  const host = address.hostname.replace(/^::ffff:(?=\d+\.)/i, "");
  return formatHostPort("", host, address.port).slice("://".length);
}
