/**
 * Descriptors of this process's sockets, which the runtime keeps to itself: found by what the
 * kernel says of each, and used for what the runtime has no call for.
 */
import { type Libc, libc } from "./libc.ts";
import { type IpAddress, isAddress, LARGEST } from "./sockaddr.ts";

/** `SOL_SOCKET` and options at it (socket(7), Linux). */
const SOCKET_LEVEL = 1;
const TYPE = 3;
const ERROR = 4;
const COOKIE = 57;
const SHUT_RDWR = 2;
/** `SIOCOUTQ` (tcp(7), unix(7)). */
const QUEUED = 0x5411n;

/** An address of no family disconnects. */
const NOBODY = new Uint8Array(16);

/** Kinds of sockets. */
export const STREAM = 1;
const DATAGRAM = 2;

/** One socket of this process: its number, and what tells whether the number still means it. */
export class Descriptor {
  readonly #cookie: bigint | undefined;

  constructor(private readonly calls: Libc, readonly number: number) {
    this.#cookie = cookieOf(calls, number);
  }

  /** Whether it is still open; numbers are used again, the kernel's cookies aren't. */
  get isOpen(): boolean {
    return this.#cookie !== undefined && cookieOf(this.calls, this.number) === this.#cookie;
  }

  /** Bytes that the peer's system doesn't have yet. */
  get unsent(): number {
    value.fill(0);
    return this.isOpen && this.calls.ioctl(this.number, QUEUED, value) === 0 ? value[0]! : 0;
  }

  /**
   * Ends a connection at once, also under a read or a write that is waiting, and drops what hasn't
   * been delivered: Linux sends RST for a TCP socket that is disconnected (RFC 9293 §3.5.2). A Unix
   * socket has neither; its peer sees the end.
   */
  abort(): void {
    if (!this.connect(NOBODY)) this.shutdown();
  }

  /** Ends both directions in order, also under a read or a write that is waiting. */
  shutdown(): void {
    if (this.isOpen) this.calls.shutdown(this.number, SHUT_RDWR);
  }

  /** The number of the error that waits at it, which is taken away by that, or 0. */
  takeFailure(): number {
    return this.isOpen ? option(this.calls, this.number, ERROR)?.[0] ?? 0 : 0;
  }

  /** Has the kernel take datagrams of this one peer only, and tell what ICMP says of it. */
  connect(sockaddr: Uint8Array<ArrayBuffer>): boolean {
    return this.isOpen && this.calls.connect(this.number, sockaddr, sockaddr.length) === 0;
  }
}

/** The open connection between two addresses. Nothing without libc, or after its peer's reset. */
export function connectionBetween(local: IpAddress, remote: IpAddress): Descriptor | undefined {
  return find((calls, number) => {
    const peer = nameOf(calls.getpeername, number);
    if (!peer || !isAddress(peer, remote)) return false;
    const own = nameOf(calls.getsockname, number);
    return own !== undefined && isAddress(own, local) && typeOf(calls, number) === STREAM;
  });
}

/** The UDP socket that is bound there. Nothing without libc. */
export function datagramSocketAt(local: IpAddress): Descriptor | undefined {
  return find((calls, number) => {
    const own = nameOf(calls.getsockname, number);
    return own !== undefined && isAddress(own, local) && typeOf(calls, number) === DATAGRAM;
  });
}

/** The calls where their addresses and options are those of Linux, which all here is about. */
export function socketCalls(): Libc | undefined {
  return Deno.build.os === "linux" ? libc() : undefined;
}

/** The first descriptor that is as wanted, from the lowest number up. */
function find(wanted: (calls: Libc, number: number) => boolean): Descriptor | undefined {
  const calls = socketCalls();
  if (!calls) return undefined;
  const end = tableSize(calls);
  for (let number = 0; number < end; number++) {
    if (wanted(calls, number)) return new Descriptor(calls, number);
  }
  return undefined;
}

const name = new Uint8Array(LARGEST);
const length = new Uint32Array(1);

/** What `getpeername` or `getsockname` says, valid until the next call. */
export function nameOf(call: Libc["getsockname"], number: number): Uint8Array | undefined {
  length[0] = name.length;
  return call(number, name, length) === 0 ? name.subarray(0, length[0]) : undefined;
}

export function typeOf(calls: Libc, number: number): number | undefined {
  return option(calls, number, TYPE)?.[0];
}

const value = new Uint32Array(2);

function option(calls: Libc, number: number, which: number): Uint32Array | undefined {
  value.fill(0);
  length[0] = value.byteLength;
  return calls.getsockopt(number, SOCKET_LEVEL, which, value, length) === 0 ? value : undefined;
}

/** A number that no other socket has while this machine is up. */
function cookieOf(calls: Libc, number: number): bigint | undefined {
  const cookie = option(calls, number, COOKIE);
  return cookie && BigInt(cookie[0]!) | BigInt(cookie[1]!) << 32n;
}

/** `O_CLOEXEC`, for reading. */
const CLOSE_ON_EXEC = 0x80000;
/** Where no `/proc` tells more, this many descriptors are looked at. */
const USUAL = 4096;

/** Numbers of descriptors are smaller than this: the size of the kernel's table of them. */
export function tableSize(calls: Libc): number {
  const file = calls.open(new TextEncoder().encode("/proc/self/status\0"), CLOSE_ON_EXEC);
  if (file < 0) return USUAL;
  const text = new Uint8Array(4096);
  const count = Number(calls.read(file, text, BigInt(text.length)));
  calls.close(file);
  const status = new TextDecoder().decode(text.subarray(0, Math.max(0, count)));
  return Number(/^FDSize:\s+(\d+)$/m.exec(status)?.[1] ?? USUAL);
}

/** The number that the next descriptor gets; the table's size where it is full. */
export function lowestFree(calls: Libc): number {
  const number = calls.dup(0);
  if (number < 0) return tableSize(calls);
  calls.close(number);
  return number;
}
