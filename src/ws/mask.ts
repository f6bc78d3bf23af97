/** Masking (RFC 6455 §5.3): four bytes at a time, since byte by byte it is most of the work. */

/** Fewer bytes than this are done one by one: making words of them would take longer. */
const FEW = 256;

/** Keys that were drawn together: asking the system for each would take longer than masking. */
const keys = new Uint32Array(1024);
let used = keys.length;

/** A key that nobody can foresee; its first byte is the lowest. */
export function randomMask(): number {
  if (used === keys.length) {
    crypto.getRandomValues(keys);
    used = 0;
  }
  return keys[used++]!;
}

/**
 * Puts the mask on `bytes` or takes it off, in place.
 *
 * @param key Its first byte is the lowest.
 * @param offset Where in the frame's payload `bytes` begins.
 */
export function applyMask(bytes: Uint8Array, key: number, offset = 0): void {
  const { buffer, byteOffset, length } = bytes;
  if (length < FEW) return maskBytes(bytes, key, offset, 0, length);
  const head = -byteOffset & 3;
  const count = (length - head) >> 2;
  maskBytes(bytes, key, offset, 0, head);
  // All processors that the runtime is made for have the lowest byte first.
  const words = new Int32Array(buffer, byteOffset + head, count);
  const word = turned(key, offset + head);
  for (let i = 0; i < count; i++) words[i]! ^= word;
  maskBytes(bytes, key, offset, head + count * 4, length);
}

function maskBytes(bytes: Uint8Array, key: number, offset: number, from: number, to: number) {
  for (let i = from; i < to; i++) bytes[i]! ^= key >>> (((offset + i) & 3) << 3);
}

/** The key as it is `bytes` further on. */
function turned(key: number, bytes: number): number {
  const bits = (bytes & 3) << 3;
  return (key >>> bits) | (key << (32 - bits));
}
