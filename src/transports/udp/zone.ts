/** Zones of IPv6 addresses (RFC 4007 §11): the interface that a link-local address is on. */
import type { Address, HostPort } from "../../address/address.ts";
import { ResolveError } from "../../core/errors.ts";
import { socketCalls } from "../descriptor.ts";

/** The number of the interface that an IPv6 address has as its zone (RFC 4007 §11), or 0. */
export function zoneOf(host: string): number {
  const [, zone] = host.split("%");
  if (zone === undefined) return 0;
  if (/^\d+$/.test(zone)) return Number(zone);
  return socketCalls()?.if_nametoindex(new TextEncoder().encode(`${zone}\0`)) ?? 0;
}

/**
 * Throws a `ResolveError` for a zone that this machine doesn't have. Without libc, the first send
 * fails instead.
 */
export function checkZone({ host, text }: HostPort & Pick<Address, "text">): void {
  if (!host.includes("%") || !socketCalls() || zoneOf(host) !== 0) return;
  throw new ResolveError("resolve", text, "no address is known for this name");
}
