/** Reads and writes PEM blocks (RFC 7468); any text may stand around them. */

export interface PemBlock {
  /** `CERTIFICATE`, `EC PRIVATE KEY`. */
  readonly label: string;
  /** The content, or undefined if it isn't valid base64. */
  readonly der: Uint8Array<ArrayBuffer> | undefined;
  /** Whether it is encrypted with a passphrase (PKCS#8, or a header of RFC 1421). */
  readonly encrypted: boolean;
  /** Whether it has its END line. */
  readonly whole: boolean;
}

/** Matches up to the END line, else to the next BEGIN line or the end of the text. */
const BLOCK =
  /^[ \t]*-----BEGIN ([^\r\n-]+)-----([^]*?)(?:^[ \t]*-----END (\1)-----|(?=^[ \t]*-----BEGIN )|(?![^]))/gm;
/** Matches headers such as `Proc-Type: 4,ENCRYPTED`, with their continuation lines. */
const HEADERS = /^[\w-]+:.*(?:\r?\n[ \t]+.*)*/gm;

/** Finds all blocks of `text`, in order. */
export function blocksIn(text: string): PemBlock[] {
  return [...text.matchAll(BLOCK)].map(([, label, body, endLabel]) => ({
    label: label!,
    der: decode(body!.replace(HEADERS, "")),
    encrypted: label!.startsWith("ENCRYPTED ") || /^Proc-Type:.*ENCRYPTED/m.test(body!),
    whole: endLabel !== undefined,
  }));
}

/** Formats DER as a PEM block. */
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
