/** Formats the peer of a socket as messages and addresses show it. */
import { formatAuthority } from "../address/address.ts";
import { formatIp, parseIp } from "../address/ip.ts";

/** The peer's address, or undefined if it has already reset the connection. */
export function remoteOf(conn: Deno.Conn<Deno.NetAddr>): string | undefined {
  try {
    return formatPeer(conn.remoteAddr);
  } catch {
    return undefined;
  }
}

/** Our own address, or undefined if the peer has already reset the connection. */
export function localOf(conn: Deno.Conn<Deno.NetAddr>): string | undefined {
  try {
    return formatPeer(conn.localAddr);
  } catch {
    return undefined;
  }
}

/** `127.0.0.1:4242`, `[::1]:4242`; an IPv4-mapped address (RFC 4291 §2.5.5.2) as IPv4. */
export function formatPeer({ hostname, port }: Deno.NetAddr): string {
  if (!hostname.startsWith("::ffff:")) return formatAuthority({ host: hostname, port });
  const ip = parseIp(hostname);
  return formatAuthority({ host: ip?.length === 2 ? formatIp(ip) : hostname, port });
}
