/** Values of the TLS options: files are read when the command line is. */
import { isIPv6 } from "../address.ts";
import { reasonOfSystem } from "../transports/failure.ts";

/** A file that holds what it should. */
export interface PemFile {
  readonly path: string;
  readonly pem: string;
}

/** Reads a file of certificates. Throws what is wrong with it. */
export function readCertificates(path: string): PemFile {
  const pem = read(path);
  if (!/^-----BEGIN CERTIFICATE-----/m.test(pem)) {
    throw new Error("holds no certificate; expected a line -----BEGIN CERTIFICATE-----");
  }
  return { path, pem };
}

/** Reads a file with a private key. Throws what is wrong with it. */
export function readKey(path: string): PemFile {
  const pem = read(path);
  if (/^-----BEGIN ENCRYPTED PRIVATE KEY-----|^Proc-Type: 4,ENCRYPTED/m.test(pem)) {
    throw new Error("the key is encrypted; expected one without a passphrase (openssl pkey -in)");
  }
  if (!/^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m.test(pem)) {
    throw new Error("holds no private key; expected a line -----BEGIN PRIVATE KEY-----");
  }
  return { path, pem };
}

function read(path: string): string {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    throw new Error(`can't be read: ${reasonOfSystem(error as Error)}`);
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
