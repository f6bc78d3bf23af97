/** Reads a peer's certificate: its fingerprint, names and version. */

import { contentOf } from "./der.ts";

export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** SHA-256 of its DER, in lowercase hexadecimal. */
  readonly pin: string;
  /** Its subjectAltName: `DNS:localhost, IP Address:127.0.0.1`. */
  readonly names: string;
  /** Its subject: `O=Example, CN=client`. */
  readonly subject: string;
}

/** A certificate as `node:tls` has it. */
interface NodeCertificate {
  readonly raw: Uint8Array;
  readonly subject?: object;
  readonly subjectaltname?: string;
}

export type PeerCertificate = NodeCertificate | undefined;

/**
 * The peer's certificate, or undefined if it has sent none. Undefined as well if the runtime lacks
 * the method of `Deno.TlsConn` for it, whose symbol isn't public.
 */
export async function certificateOf(conn: Deno.TlsConn): Promise<Certificate | undefined> {
  const certificate = "peerCertificate" in conn
    ? (conn as { peerCertificate(): PeerCertificate }).peerCertificate()
    : runtimeCertificate(conn);
  if (!certificate) return undefined;
  const der = new Uint8Array(certificate.raw);
  const { subjectaltname: names = "" } = certificate;
  return { der, pin: await pinOf(der), names, subject: subjectOf(certificate) };
}

function runtimeCertificate(conn: Deno.TlsConn): PeerCertificate {
  const prototype = Object.getPrototypeOf(conn);
  const symbol = Object.getOwnPropertySymbols(prototype).find(({ description }) =>
    description === "getPeerCertificate"
  );
  return symbol && Reflect.get(prototype, symbol).call(conn);
}

/** A certificate's subject as text, `O=Example, CN=client`; empty without one. */
export function subjectOf({ subject = {} }: Partial<NodeCertificate>): string {
  return Object.entries(subject).flatMap(([type, values]) =>
    [values].flat().map((value) => `${type}=${value}`)
  ).join(", ");
}

/** SHA-256 of a certificate's DER, in lowercase hexadecimal. */
export async function pinOf(der: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", der)).toHex();
}

/** The version of a certificate (RFC 5280 §4.1.2.1); the field's default is 1. */
export function versionOf(der: Uint8Array): number {
  const [tag, , , , version = 0] = contentOf(contentOf(der));
  return tag === 0xa0 ? version + 1 : 1;
}
