/** Messages of a socket that this program was started with. */
import { errnoOf } from "./descriptor.ts";
import { systemError } from "./failure.ts";
import type { Libc } from "./libc.ts";
import { EAGAIN } from "./libc_socket.ts";

/** Flags of recv(2): look only, tell the whole length, and don't wait. */
const MSG_PEEK = 0x2;
const MSG_TRUNC = 0x20;
const MSG_DONTWAIT = 0x40;

/** A buffer to begin with, bytes. */
const USUAL_SIZE = 65_536;

/**
 * Receives messages of the socket `descriptor`, each whole, however long; `ready` waits until there
 * may be one. Its bytes are valid until the next call. An empty one is the end, as for read(2).
 */
export function messagesOf(
  calls: Libc,
  descriptor: number,
  ready: () => Promise<void>,
): () => Promise<Uint8Array | null> {
  let buffer = new Uint8Array(USUAL_SIZE);
  const receive = (size: number, flags: number) => {
    return Number(
      calls.recvfrom(descriptor, buffer, BigInt(size), flags | MSG_DONTWAIT, null, null),
    );
  };
  return async () => {
    for (;;) {
      const size = receive(0, MSG_PEEK | MSG_TRUNC);
      if (size > buffer.length) buffer = new Uint8Array(size);
      const count = size < 0 ? size : receive(buffer.length, 0);
      if (count > 0) return buffer.subarray(0, count);
      if (count === 0) return null;
      const number = errnoOf(calls);
      if (number !== EAGAIN) throw systemError(number);
      await ready();
    }
  };
}
