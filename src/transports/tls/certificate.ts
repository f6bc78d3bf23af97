/** What a peer's certificate says: its fingerprint, and whom it is for. */

import { contentOf } from "./der.ts";

/** A certificate as far as it is of use here. */
export interface Certificate {
  readonly der: Uint8Array<ArrayBuffer>;
  /** SHA-256 of its DER, in lowercase hexadecimal. */
  readonly pin: string;
  /** Whom it names, as its extension says it: `DNS:localhost, IP Address:127.0.0.1`. */
  readonly names: string;
}

type PeerCertificate = { raw: Uint8Array; subjectaltname?: string } | undefined;

/**
 * The certificate that the peer has shown, or undefined if it has shown none, or if the runtime
 * doesn't tell: `Deno.TlsConn` has a method for it under a symbol that has no public name.
 */
export async function certificateOf(conn: Deno.TlsConn): Promise<Certificate | undefined> {
  const owner = Object.getPrototypeOf(conn);
  const symbol = Object.getOwnPropertySymbols(owner).find(({ description }) =>
    description === "getPeerCertificate"
  );
  const shown: PeerCertificate = symbol && Reflect.get(owner, symbol).call(conn);
  if (!shown) return undefined;
  const der = new Uint8Array(shown.raw);
  return { der, pin: await pinOf(der), names: shown.subjectaltname ?? "" };
}

/** SHA-256 of a certificate's DER, in lowercase hexadecimal. */
export async function pinOf(der: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", der)).toHex();
}

/** The version of a certificate (RFC 5280 §4.1.2.1): what has no extensions says none, and is 1. */
export function versionOf(der: Uint8Array): number {
  const [tag, , , , version = 0] = contentOf(contentOf(der));
  return tag === 0xa0 ? version + 1 : 1;
}
