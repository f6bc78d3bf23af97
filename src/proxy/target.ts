/** What a proxy's client asks for: a host, by name or by address, and a port. */
import type { HostPort } from "../address/address.ts";
import { hostName } from "../address/host.ts";
import { isIPv6 } from "../address/ip.ts";

export type { HostPort as RequestedTarget } from "../address/address.ts";

/** The authority form (RFC 9112 §3.2.3), with a name in its ASCII form; null for anything else. */
export function parseTarget(text: string, standardPort?: number): HostPort | null {
  const [, bracketed, plain, digits] =
    /^(?:\[([^\]]+)\]|([^:[\]\s]+))(?::(\d{1,5}))?$/.exec(text) ??
      [];
  const host = bracketed ?? plain;
  const port = digits === undefined ? standardPort : Number(digits);
  if (!host || port === undefined || port < 1 || port > 65535) return null;
  if (bracketed) return isIPv6(bracketed) ? { host, port } : null;
  const name = hostName(host);
  return name === undefined ? null : { host: name, port };
}
