/** The address that our own end of a connection gets: `HOST[:PORT]` of `--bind`. */
import { ANY, type HostPort } from "./address.ts";
import { hostName } from "./host.ts";
import { isIPv6, parseIPv4 } from "./ip.ts";

const EXPECTED = "expected HOST[:PORT] of this machine, such as 192.0.2.7, [::1]:5000 or :5000";

/**
 * Parses `HOST`, `HOST:PORT`, and `:PORT` for any host. Port 0, which is that of a host alone, is
 * any free one. Throws a plain `Error` with what was expected.
 */
export function parseLocal(text: string): HostPort {
  if (isIPv6(text)) return { host: text, port: 0 };
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]\s/@]*))(?::(\d{1,5}))?$/
    .exec(text) ?? [];
  const port = Number(digits ?? 0);
  if (port > 65535) throw new Error("expected a port from 0 to 65535");
  if (bracketed !== undefined) {
    if (isIPv6(bracketed)) return { host: bracketed, port };
  } else if ((plain === "" || plain === ANY) && port > 0) {
    return { host: ANY, port };
  } else if (plain && (parseIPv4(plain) || !/^[\d.]+$/.test(plain))) {
    const host = hostName(plain);
    if (host !== undefined && host !== ANY) return { host, port };
  }
  throw new Error(EXPECTED);
}
