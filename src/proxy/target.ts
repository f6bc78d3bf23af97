/** What a proxy's client asks for: a host, by name or by address, and a port. */
import { formatHostPort, type HostPort, isIPv4, isIPv6 } from "../address/address.ts";
import { hostName } from "../address/host.ts";

export type { HostPort as Target } from "../address/address.ts";

/** `host:9000`, `[::1]:9000`: the authority form of a request target (RFC 9112 §3.2.3). */
export function formatTarget({ host, port }: HostPort): string {
  return formatHostPort("", host, port).slice("://".length);
}

/** The inverse of `formatTarget`, with a name in its ASCII form; null for anything else. */
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

/** The bytes of an IP address: 4 or 16; null for a name. */
export function addressBytes(host: string): Uint8Array | null {
  if (isIPv4(host)) return Uint8Array.from(host.split(".").map(Number));
  if (!isIPv6(host)) return null;
  // The URL parser writes the address in its short form, with the dotted part in hexadecimal.
  const [head, tail] = new URL(`http://[${host.replace(/%.*$/, "")}]/`).hostname.slice(1, -1)
    .split("::");
  const groups = (part: string | undefined) =>
    (part ?? "").split(":").filter(Boolean).map((group) => parseInt(group, 16));
  const left = groups(head);
  const right = groups(tail);
  const middle = Array<number>(8 - left.length - right.length).fill(0);
  return Uint8Array.from([...left, ...middle, ...right].flatMap((g) => [g >> 8, g & 0xff]));
}

/** The text of 4 or 16 bytes of an IP address. */
export function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join(".");
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(i * 2).toString(16));
  return new URL(`http://[${groups.join(":")}]/`).hostname.slice(1, -1);
}
