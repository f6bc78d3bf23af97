/** Finds where a DER value begins and ends (X.690 §8.1). */

/** Bytes of tag and length before the content of the value that `der` begins with. */
function headerSize(der: Uint8Array): number {
  const first = der[1] ?? 0;
  return 2 + (first & 0x80 ? first & 0x7f : 0);
}

/** Bytes of the value that `der` begins with. */
export function valueSize(der: Uint8Array): number {
  const header = headerSize(der);
  if (header === 2) return 2 + (der[1] ?? 0);
  return der.subarray(2, header).reduce((size, byte) => size * 256 + byte, 0) + header;
}

/** The content of the value that `der` begins with. */
export function contentOf(der: Uint8Array): Uint8Array {
  return der.subarray(headerSize(der), valueSize(der));
}
