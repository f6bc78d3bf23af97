/**
 * The `struct msghdr` (recvmsg(2), 64 bits) that all calls share. Calls are synchronous, so one is
 * enough; pointers can be made only while the program has the permission to open libraries.
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

/** Makes the message, which `message` is from then on. */
export function makeMessage(): void {
  message = new Message();
}

function pointer(bytes: Uint8Array<ArrayBuffer> | BigUint64Array<ArrayBuffer>): bigint {
  return BigInt(Deno.UnsafePointer.value(Deno.UnsafePointer.of(bytes)));
}
