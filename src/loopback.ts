/** What can be reached from this machine alone. */
import { isIPv4, LOOPBACK } from "./address.ts";

/** Whether a host, an IPv6 address with or without brackets, is this machine to itself alone. */
export function isLoopback(host: string): boolean {
  return [LOOPBACK, "::1", "[::1]"].includes(host) || (isIPv4(host) && host.startsWith("127."));
}
