/** Sockets by calls of the C library, which cost an end a fraction of what the runtime would. */
import { sockaddrOf } from "../../src/transports/sockaddr.ts";

export const AF_INET = 2;
const TYPES = { stream: 1, datagram: 2 } as const;
const MSG_DONTWAIT = 0x40;
const [IPPROTO_TCP, TCP_NODELAY] = [6, 1];

/** Sizes are far below 4 GiB, so that 32 bits do for `size_t` and `ssize_t`. */
export const { symbols: libc } = Deno.dlopen("libc.so.6", {
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  send: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  sendto: { parameters: ["i32", "buffer", "u32", "i32", "buffer", "u32"], result: "i32" },
  recv: { parameters: ["i32", "buffer", "u32", "i32"], result: "i32" },
  recvfrom: { parameters: ["i32", "buffer", "u32", "i32", "buffer", "buffer"], result: "i32" },
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32" },
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  usleep: { parameters: ["u32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
});

/** A port of 127.0.0.1 as the calls take it. */
export const localAddress = (port: number) => sockaddrOf({ hostname: "127.0.0.1", port }, 0);

function checked(result: number): number {
  if (result < 0) throw new Error("a call of the C library failed");
  return result;
}

/** Sends everything that comes to the UDP `port` back, and never returns. */
export function echoDatagrams(port: number): never {
  const own = checked(libc.socket(AF_INET, TYPES.datagram, 0));
  const peer = localAddress(port);
  checked(libc.bind(own, peer, peer.length));
  const length = Uint32Array.of(peer.length);
  const buffer = new Uint8Array(65_536);
  for (;;) {
    const size = libc.recvfrom(own, buffer, buffer.length, 0, peer, length);
    if (size >= 0) libc.sendto(own, buffer, size, 0, peer, peer.length);
  }
}

/** A socket that is connected to a port. Its calls stop this whole process while they wait. */
export class SystemSocket implements Disposable {
  readonly #own: number;

  constructor(type: keyof typeof TYPES, port: number) {
    this.#own = checked(libc.socket(AF_INET, TYPES[type], 0));
    const address = localAddress(port);
    checked(libc.connect(this.#own, address, address.length));
    if (type === "datagram") return;
    checked(libc.setsockopt(this.#own, IPPROTO_TCP, TCP_NODELAY, Int32Array.of(1), 4));
  }

  /** Sends a datagram, or all bytes of a stream; false if the system didn't take it. */
  send(bytes: Uint8Array<ArrayBuffer>): boolean {
    return libc.send(this.#own, bytes, bytes.length, 0) === bytes.length;
  }

  /** Waits for bytes, and returns their number; 0 at EOF. */
  receive(buffer: Uint8Array<ArrayBuffer>): number {
    return checked(libc.recv(this.#own, buffer, buffer.length, 0));
  }

  /** Takes what has come, without waiting; false if there is nothing. */
  receiveNow(buffer: Uint8Array<ArrayBuffer>): boolean {
    return libc.recv(this.#own, buffer, buffer.length, MSG_DONTWAIT) >= 0;
  }

  [Symbol.dispose](): void {
    libc.close(this.#own);
  }
}

/** Stops this whole process for `ms` milliseconds, also for less than one. */
export function nap(ms: number): void {
  libc.usleep(ms * 1000);
}
