/** Masking (RFC 6455 §5.3): four bytes at a time, since byte by byte it is most of the work. */

/** Fewer bytes than this are done one by one: making words of them would take longer. */
const FEW = 64;

/**
 * Takes the mask from `bytes`, in place.
 *
 * @param offset Where in the frame's payload `bytes` begins.
 */
export function unmask(bytes: Uint8Array, key: Uint8Array, offset = 0): void {
  const { buffer, byteOffset, length } = bytes;
  const head = length < FEW ? length : -byteOffset & 3;
  for (let i = 0; i < head; i++) bytes[i]! ^= key[(offset + i) & 3]!;
  if (head === length) return;
  const count = (length - head) >> 2;
  const words = new Uint32Array(buffer, byteOffset + head, count);
  const turned = Uint8Array.from(key, (_, i) => key[(offset + head + i) & 3]!);
  const word = new Uint32Array(turned.buffer)[0]!;
  for (let i = 0; i < count; i++) words[i]! ^= word;
  for (let i = head + count * 4; i < length; i++) bytes[i]! ^= key[(offset + i) & 3]!;
}
