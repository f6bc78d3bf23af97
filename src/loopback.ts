/** What can be reached from this machine alone. */
import { LOOPBACK } from "./address.ts";
import { isWithin, parseIp } from "./ip.ts";

const IPV4 = { network: [0x7f00, 0], length: 8 };
const IPV6 = { network: [0, 0, 0, 0, 0, 0, 0, 1], length: 128 };

/** Whether a host, an IPv6 address with or without brackets, is this machine to itself alone. */
export function isLoopback(host: string): boolean {
  const ip = parseIp(host.replace(/^\[(.*)\]$/, "$1"));
  return ip ? isWithin(ip, IPV4) || isWithin(ip, IPV6) : host === LOOPBACK;
}
