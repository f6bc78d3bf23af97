/**
 * The address that a datagram was sent to, so that a socket bound to every interface answers from
 * it. The kernel passes it as control data (`IP_PKTINFO`, ip(7); RFC 3542 §6), which the runtime's
 * receive leaves out.
 */
import { type Descriptor, setOption } from "../descriptor.ts";
import type { Libc } from "../libc.ts";

/** Option level, option, and bytes of control data (cmsg(3)) of each family. */
const IPV4 = { level: 0, option: 8, size: 28 };
const IPV6 = { level: 41, option: 49, size: 36 };
const CMSG_HEADER_SIZE = 16;

/** The control data that comes with each datagram, and goes with its answer. */
export class Pktinfo {
  /** Its bytes with padding. */
  readonly space: number;

  constructor(private readonly family: { readonly size: number }) {
    this.space = this.size + 7 & ~7;
  }

  /** Its bytes. */
  get size(): number {
    return this.family.size;
  }

  /** Clears the interface of IPv4: the routing table chooses it for the answer. */
  clearInterface(control: Uint8Array): void {
    if (this.family === IPV4) control.fill(0, CMSG_HEADER_SIZE, CMSG_HEADER_SIZE + 4);
  }
}

/** Has the kernel tell the address, for a socket that is bound to every interface. */
export function receivePktinfo(
  { hostname }: Deno.NetAddr,
  { number }: Descriptor,
  calls: Libc,
): Pktinfo | undefined {
  const family = hostname === "0.0.0.0" ? IPV4 : hostname === "::" ? IPV6 : undefined;
  if (!family) return undefined;
  return setOption(calls, number, family.option, family.level) ? new Pktinfo(family) : undefined;
}
