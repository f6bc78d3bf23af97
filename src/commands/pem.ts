/** Values of the TLS options, and the files that they name: read where TLS is, and only there. */
import { isIPv6 } from "../address.ts";
import { UsageError } from "../core/errors.ts";
import { reasonOfSystem } from "../transports/failure.ts";

/** The certificates in the file of an option, in PEM. Throws a `UsageError` that names both. */
export function readCertificates(option: string, path: string): string {
  const pem = read(option, path);
  if (/^-----BEGIN CERTIFICATE-----/m.test(pem)) return pem;
  const reason = "holds no certificate; expected a line -----BEGIN CERTIFICATE-----";
  throw new UsageError(`${option} ${path}`, reason);
}

/** The private key in the file of an option, in PEM. Throws a `UsageError` that names both. */
export function readKey(option: string, path: string): string {
  const pem = read(option, path);
  const wrong = (reason: string) => new UsageError(`${option} ${path}`, reason);
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw wrong("the key is encrypted; expected one without a passphrase (openssl pkey -in)");
  }
  if (!/^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m.test(pem)) {
    throw wrong("holds no private key; expected a line -----BEGIN PRIVATE KEY-----");
  }
  return pem;
}

function read(option: string, path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new UsageError(`${option} ${path}`, `can't be read: ${reasonOfSystem(error as Error)}`);
  }
}

/** `sha256:` and 64 hexadecimal digits, with or without colons between them, in lowercase. */
export function parsePin(text: string): string {
  const hex = /^sha256:([0-9a-f:]+)$/i.exec(text)?.[1]?.replaceAll(":", "").toLowerCase();
  if (hex?.length !== 64) throw new Error("expected sha256: and 64 hexadecimal digits");
  return hex;
}

/** Names of protocols, separated by commas (RFC 7301 §3.1: 1 to 255 bytes each). */
export function parseAlpn(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  const size = (name: string) => new TextEncoder().encode(name).length;
  if (names.some((name) => size(name) < 1 || size(name) > 255)) {
    throw new Error("expected names of protocols with commas between them, such as h2,http/1.1");
  }
  return names;
}

/** A name as it stands in a certificate, or an address. */
export function parseServerName(text: string): string {
  const labels = /^(?!-)[\w-]{1,63}(\.[\w-]{1,63})*\.?$/;
  if (!isIPv6(text) && !(labels.test(text) && text.length <= 254)) {
    throw new Error("expected a host name or an IP address");
  }
  return text.replace(/\.$/, "");
}
