/**
 * The one `struct msghdr` (recvmsg(2), 64 bits) of this process: each call is over before the next
 * begins, and pointers can be made only while there is the right to open libraries.
 */

class Message {
  readonly name = new Uint8Array(128);
  readonly data = new Uint8Array(65_536);
  readonly control = new Uint8Array(64);
  readonly vector = new BigUint64Array([pointer(this.data), 0n]);
  readonly header = new BigUint64Array([
    pointer(this.name),
    0n,
    pointer(this.vector),
    1n,
    pointer(this.control),
    0n,
    0n,
  ]);
}

export let message: Message;

/** Makes it. */
export function makeMessage(): void {
  message = new Message();
}

function pointer(bytes: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}
