/** Masking (RFC 6455 §5.3): four bytes at a time, since byte by byte it takes most of the time. */

/** Fewer bytes than this are masked one by one: making words of them would take longer. */
const MIN_FOR_WORDS = 256;

/** Random keys, made together: one system call for each would take longer than masking. */
const keys = new Uint32Array(1024);
let used = keys.length;

/** An unpredictable key, little-endian. */
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
 * @param key Little-endian.
 * @param offset Of `bytes` in the frame's payload.
 */
export function applyMask(bytes: Uint8Array, key: number, offset = 0): void {
  const { buffer, byteOffset, length } = bytes;
  if (length < MIN_FOR_WORDS) return maskBytes(bytes, key, offset, 0, length);
  const head = -byteOffset & 3;
  const count = (length - head) >> 2;
  maskBytes(bytes, key, offset, 0, head);
  // All processors that the runtime supports are little-endian.
  const words = new Int32Array(buffer, byteOffset + head, count);
  const word = rotated(key, offset + head);
  for (let i = 0; i < count; i++) words[i]! ^= word;
  maskBytes(bytes, key, offset, head + count * 4, length);
}

function maskBytes(bytes: Uint8Array, key: number, offset: number, from: number, to: number) {
  for (let i = from; i < to; i++) bytes[i]! ^= key >>> (((offset + i) & 3) << 3);
}

/** The key, rotated to begin `bytes` bytes further on. */
function rotated(key: number, bytes: number): number {
  const bits = (bytes & 3) << 3;
  return (key >>> bits) | (key << (32 - bits));
}
