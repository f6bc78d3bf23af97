/** Parsers of the TLS options' values. */
import { isIPv6 } from "../address/ip.ts";
import { hostName } from "../address/host.ts";

/** Parses `sha256:` and 64 hexadecimal digits, with or without colons, to lowercase digits. */
export function parsePin(text: string): string {
  const hex = /^sha256:([0-9a-f:]+)$/i.exec(text)?.[1]?.replaceAll(":", "").toLowerCase();
  if (hex?.length !== 64) throw new Error("expected sha256: and 64 hexadecimal digits");
  return hex;
}

/** Parses names of protocols, separated by commas (RFC 7301 §3.1: 1 to 255 bytes each). */
export function parseAlpn(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const size = (name: string) => new TextEncoder().encode(name).length;
  if (names.some((name) => size(name) < 1 || size(name) > 255)) {
    throw new Error("expected names of protocols with commas between them, such as h2,http/1.1");
  }
  return names;
}

/** Parses a host name, to its ASCII form as in a certificate, or an IP address. */
export function parseServerName(text: string): string {
  const labels = /^(?!-)[\w-]{1,63}(\.[\w-]{1,63})*\.?$/;
  const name = isIPv6(text) ? text : hostName(text) ?? "";
  if (!isIPv6(text) && !labels.test(name)) {
    throw new Error("expected a host name or an IP address");
  }
  return name.replace(/\.$/, "");
}
