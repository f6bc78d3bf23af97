/** What a peer's certificate says: its fingerprint, and whom it is for. */

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

/** A certificate as PEM (RFC 7468). */
export function pemOf(der: Uint8Array): string {
  const lines = der.toBase64().replace(/.{64}/g, "$&\n");
  return `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`;
}
