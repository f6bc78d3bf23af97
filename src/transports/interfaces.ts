/** The addresses of this machine's network interfaces, as others reach it. */
import { isLoopback } from "../address/ip.ts";

/** Interfaces that lead to virtual machines and containers on this machine alone. */
const INNER = /^(?:docker|br-|veth|virbr|vmnet|cni|flannel|cali|lxc)/;
/** Addresses that need a zone, or that a machine gives itself where nobody assigns one. */
const LINK_LOCAL = /^(?:169\.254\.|fe[89ab][0-9a-f]:)/i;
/** Most addresses that are named. */
const MOST = 6;

/** IPv4 addresses first, without loopback and link-local ones; none where they can't be read. */
export function ownAddresses(): string[] {
  let all: Deno.NetworkInterfaceInfo[];
  try {
    all = Deno.networkInterfaces();
  } catch {
    return []; // Without the right to ask, or on a system that doesn't tell.
  }
  const outer = all.filter(({ name, address }) => {
    return !INNER.test(name) && !isLoopback(address) && !LINK_LOCAL.test(address);
  });
  const [four, six] = ["IPv4", "IPv6"].map((family) =>
    outer.filter((one) => one.family === family)
  );
  return [...new Set([...four!, ...six!].map(({ address }) => address))].slice(0, MOST);
}
