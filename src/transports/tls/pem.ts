/** Blocks of PEM (RFC 7468), wherever they stand in a file and whatever stands between them. */

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** Its content's DER, or undefined where that is no base64. */
  readonly der: Uint8Array<ArrayBuffer> | undefined;
  /** Whether it takes a passphrase to read it (PKCS#8, or RFC 1421's header). */
  readonly encrypted: boolean;
  /** Whether its end is there. */
  readonly whole: boolean;
}

/** Up to its end, or to the next begin, or to the end of the text. */
const BLOCK =
  /^[ \t]*-----BEGIN ([^\r\n-]+)-----([^]*?)(?:^[ \t]*-----END (\1)-----|(?=^[ \t]*-----BEGIN )|(?![^]))/gm;
/** `Proc-Type: 4,ENCRYPTED`, and other lines like it, which may be continued. */
const HEADERS = /^[\w-]+:.*(?:\r?\n[ \t]+.*)*/gm;

/** All blocks, in order. */
export function blocksIn(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label, body, end]) => ({
    label: label!,
    der: decode(body!.replace(HEADERS, "")),
    encrypted: label!.startsWith("ENCRYPTED ") || /^Proc-Type:.*ENCRYPTED/m.test(body!),
    whole: end !== undefined,
  }));
}

/** DER as a block. */
export function pemBlock(label: string, der: Uint8Array): string {
  const lines = der.toBase64().replace(/.{64}/g, "$&\n").trimEnd();
  return `-----BEGIN ${label}-----\n${lines}\n-----END ${label}-----\n`;
}

function decode(base64: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(base64);
  } catch {
    return undefined;
  }
}
