/** Masking (RFC 6455 §5.3): four bytes at a time, since byte by byte it is most of the work. */

/** Fewer bytes than this are done one by one: making words of them would take longer. */
const FEW = 256;

/**
 * Takes the mask from `bytes`, in place.
 *
 * @param key Its first byte is the lowest.
 * @param offset Where in the frame's payload `bytes` begins.
 */
export function unmask(bytes: Uint8Array, key: number, offset = 0): void {
  const { buffer, byteOffset, length } = bytes;
  if (length < FEW) return unmaskBytes(bytes, key, offset, 0, length);
  const head = -byteOffset & 3;
  const count = (length - head) >> 2;
  unmaskBytes(bytes, key, offset, 0, head);
  // All processors that the runtime is made for have the lowest byte first.
  const words = new Int32Array(buffer, byteOffset + head, count);
  const word = turned(key, offset + head);
  for (let i = 0; i < count; i++) words[i]! ^= word;
  unmaskBytes(bytes, key, offset, head + count * 4, length);
}

function unmaskBytes(bytes: Uint8Array, key: number, offset: number, from: number, to: number) {
  for (let i = from; i < to; i++) bytes[i]! ^= key >>> (((offset + i) & 3) << 3);
}

/** The key as it is `bytes` further on. */
function turned(key: number, bytes: number): number {
  const bits = (bytes & 3) << 3;
  return (key >>> bits) | (key << (32 - bits));
}
