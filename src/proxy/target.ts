/** The target of a proxy's client: a host, by name or address, and a port. */
import type { HostPort } from "../address/address.ts";
import { hostName } from "../address/host.ts";
import { isIPv6 } from "../address/ip.ts";

export type { HostPort as RequestedTarget } from "../address/address.ts";

/** Parses the authority form (RFC 9112 §3.2.3), names to ASCII; null for anything else. */
export function parseTarget(text: string, defaultPort?: number): HostPort | null {
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ??
      [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? defaultPort : Number(digits);
  if (!host || port === undefined || port < 1 || port > 65535) return null;
  if (bracketed) return isIPv6(bracketed) ? { host, port } : null;
  const name = hostName(host);
  return name === undefined ? null : { host: name, port };
}
