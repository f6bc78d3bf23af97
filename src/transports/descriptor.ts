/**
 * Descriptors of this process's sockets, which the runtime doesn't expose. Each is found by its
 * addresses, and used for system calls that the runtime has no interface for.
 */
import { platform } from "../platform/platform.ts";
import { type Libc, libc } from "./libc.ts";
import { addressOf, type IpAddress, isAddress, MAX_SOCKADDR_SIZE } from "./sockaddr.ts";

/** Level and names of socket options (socket(7), Linux). */
export const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_TYPE = 3;
const SO_ERROR = 4;
const SO_KEEPALIVE = 9;
const SO_ACCEPTCONN = 30;
const SO_REUSEPORT = 15;
const SO_COOKIE = 57;
/** Level and names of what keep-alive takes (tcp(7)). */
const IPPROTO_TCP = 6;
const TCP_KEEPIDLE = 4;
const TCP_KEEPINTVL = 5;
const TCP_KEEPCNT = 6;
/** Questions without an answer after which the connection is over. */
const KEEP_ALIVE_PROBES = 3;
/** Level and name of the option to choose the port only when connecting (ip(7)). */
const IPPROTO_IP = 0;
const IP_BIND_ADDRESS_NO_PORT = 24;
const SHUT_RDWR = 2;
/** Request for the size of the send queue (tcp(7), unix(7)). */
const SIOCOUTQ = 0x5411n;

/** A sockaddr of family `AF_UNSPEC`: connecting to it disconnects (connect(2)). */
const UNSPECIFIED = new Uint8Array(16);
/** The errno(3) of a connect that goes on. */
const EINPROGRESS = 115;

/** Socket types. */
export const SOCK_STREAM = 1;
export const SOCK_DGRAM = 2;

/** The descriptor of one socket, which knows when its number has been reused for another. */
export class Descriptor {
  readonly #cookie: bigint | undefined;

  constructor(private readonly calls: Libc, readonly number: number) {
    this.#cookie = cookieOf(calls, number);
  }

  /** Whether the socket is still open: numbers are reused, the kernel's cookies aren't. */
  get isOpen(): boolean {
    return this.#cookie !== undefined && cookieOf(this.calls, this.number) === this.#cookie;
  }

  /** Bytes in the send queue: the peer's system hasn't acknowledged them yet. */
  get unsent(): number {
    value.fill(0);
    return this.isOpen && this.calls.ioctl(this.number, SIOCOUTQ, value) === 0 ? value[0]! : 0;
  }

  /**
   * Aborts a connection, also under a pending read or write, and drops what hasn't been delivered.
   * Linux sends RST for a TCP socket that is disconnected (RFC 9293 §3.5.2). A Unix socket can't be
   * disconnected: it is shut down, and its peer reads EOF.
   */
  abort(): void {
    if (!this.connect(UNSPECIFIED)) this.shutdown();
  }

  /** Shuts both directions down, also under a pending read or write. */
  shutdown(): void {
    if (this.isOpen) this.calls.shutdown(this.number, SHUT_RDWR);
  }

  /** The socket's pending error as an errno(3), which is cleared, or 0. */
  takeError(): number {
    return this.isOpen ? readOption(this.calls, this.number, SO_ERROR)?.[0] ?? 0 : 0;
  }

  /**
   * Binds a UDP socket, whose port the kernel chose, to one that it may share: disconnecting gives
   * up the chosen one, and unbound it takes `SO_REUSEPORT` and bind(2) as a new socket does.
   */
  bindShared(sockaddr: Uint8Array<ArrayBuffer>): boolean {
    return this.connect(UNSPECIFIED) && setOption(this.calls, this.number, SO_REUSEPORT) &&
      this.calls.bind(this.number, sockaddr, sockaddr.length) === 0;
  }

  /**
   * Binds a TCP socket that is connected somewhere, once it is disconnected. Its port may be one
   * that connections of before have left in TIME_WAIT; port 0 is chosen when it connects, so that
   * one port can serve for many targets. Returns an errno(3), or 0.
   */
  rebind(sockaddr: Uint8Array<ArrayBuffer>, hasPort: boolean): number {
    if (!this.connect(UNSPECIFIED)) return errnoOf(this.calls);
    if (hasPort) setOption(this.calls, this.number, SO_REUSEADDR);
    else setOption(this.calls, this.number, IP_BIND_ADDRESS_NO_PORT, IPPROTO_IP);
    const failed = this.calls.bind(this.number, sockaddr, sockaddr.length) !== 0;
    return failed ? errnoOf(this.calls) : 0;
  }

  /** Connects a socket without waiting for it. Returns an errno(3), or 0. */
  startConnecting(sockaddr: Uint8Array<ArrayBuffer>): number {
    if (this.connect(sockaddr)) return 0;
    const number = errnoOf(this.calls);
    return number === EINPROGRESS ? 0 : number;
  }

  /**
   * Has a TCP peer asked whether it is still there after so many seconds of silence, and again as
   * often; undefined for the system's times. Connections inherit it from their listener.
   */
  keepAlive(seconds: number | undefined): void {
    if (!this.isOpen) return;
    setOption(this.calls, this.number, SO_KEEPALIVE);
    if (seconds === undefined) return;
    setOption(this.calls, this.number, TCP_KEEPIDLE, IPPROTO_TCP, seconds);
    setOption(this.calls, this.number, TCP_KEEPINTVL, IPPROTO_TCP, seconds);
    setOption(this.calls, this.number, TCP_KEEPCNT, IPPROTO_TCP, KEEP_ALIVE_PROBES);
  }

  /** The address that an internet socket is bound to. */
  get localAddress(): IpAddress | undefined {
    const own = this.isOpen ? nameOf(this.calls.getsockname, this.number) : undefined;
    return own && addressOf(own);
  }

  /** Connects a UDP socket: the kernel drops other peers' datagrams and reports ICMP errors. */
  connect(sockaddr: Uint8Array<ArrayBuffer>): boolean {
    return this.isOpen && this.calls.connect(this.number, sockaddr, sockaddr.length) === 0;
  }
}

/** The connection between two addresses. Undefined without libc, or after the peer's reset. */
export function connectionBetween(local: IpAddress, remote: IpAddress): Descriptor | undefined {
  return find((calls, number) => {
    const peer = nameOf(calls.getpeername, number);
    if (!peer || !isAddress(peer, remote)) return false;
    const own = nameOf(calls.getsockname, number);
    return own !== undefined && isAddress(own, local) && typeOf(calls, number) === SOCK_STREAM;
  });
}

/** The TCP listener that is bound to `local`. Undefined without libc. */
export function listenerAt(local: IpAddress): Descriptor | undefined {
  return find((calls, number) => {
    const own = nameOf(calls.getsockname, number);
    return own !== undefined && isAddress(own, local) && typeOf(calls, number) === SOCK_STREAM &&
      readOption(calls, number, SO_ACCEPTCONN)?.[0] === 1;
  });
}

/** The UDP socket that is bound to `local`. Undefined without libc. */
export function datagramSocketAt(local: IpAddress): Descriptor | undefined {
  return find((calls, number) => {
    const own = nameOf(calls.getsockname, number);
    return own !== undefined && isAddress(own, local) && typeOf(calls, number) === SOCK_DGRAM;
  });
}

/** The C library, on Linux alone: other systems have other sockaddrs and option numbers. */
export function socketCalls(): Libc | undefined {
  return platform().linuxSockets ? libc() : undefined;
}

/** The table's size when it was last asked for: it grows, and never shrinks. */
let knownSize = 0;

/** The first descriptor that matches, from the lowest number up. */
function find(matches: (calls: Libc, number: number) => boolean): Descriptor | undefined {
  const calls = socketCalls();
  if (!calls) return undefined;
  for (let number = 0;; number++) {
    if (number === knownSize) knownSize = tableSize(calls);
    if (number >= knownSize) return undefined;
    if (matches(calls, number)) return new Descriptor(calls, number);
  }
}

const name = new Uint8Array(MAX_SOCKADDR_SIZE);
const length = new Uint32Array(1);

/** The sockaddr that `getpeername` or `getsockname` yields, valid until the next call. */
export function nameOf(call: Libc["getsockname"], number: number): Uint8Array | undefined {
  length[0] = name.length;
  return call(number, name, length) === 0 ? name.subarray(0, length[0]) : undefined;
}

export function typeOf(calls: Libc, number: number): number | undefined {
  return readOption(calls, number, SO_TYPE)?.[0];
}

const value = new Uint32Array(2);

function readOption(calls: Libc, number: number, optionName: number): Uint32Array | undefined {
  value.fill(0);
  length[0] = value.byteLength;
  return calls.getsockopt(number, SOL_SOCKET, optionName, value, length) === 0 ? value : undefined;
}

/** Sets an option, to "on" by default. */
export function setOption(
  calls: Libc,
  number: number,
  optionName: number,
  level = SOL_SOCKET,
  to = 1,
): boolean {
  return calls.setsockopt(number, level, optionName, new Uint32Array([to]), 4) === 0;
}

const errno = new Int32Array(1);

/** The errno(3) of the call that has just failed; reading a pointer would take more rights. */
export function errnoOf(calls: Libc): number {
  const place = calls.errno?.() ?? null;
  errno[0] = -1;
  if (place) calls.memcpy(errno, place, 4n);
  return errno[0]!;
}

/** The socket's cookie: no other socket gets it while this machine is up. */
function cookieOf(calls: Libc, number: number): bigint | undefined {
  const cookie = readOption(calls, number, SO_COOKIE);
  return cookie && BigInt(cookie[0]!) | BigInt(cookie[1]!) << 32n;
}

/** Flag of open(2): read-only, and closed in child processes. */
const O_CLOEXEC = 0x80000;
/** Descriptors to look at where `/proc` can't be read. */
const DEFAULT_TABLE_SIZE = 4096;

/** The size of the kernel's table of descriptors: every number is smaller. */
export function tableSize(calls: Libc): number {
  const file = calls.open(new TextEncoder().encode("/proc/self/status\0"), O_CLOEXEC);
  if (file < 0) return DEFAULT_TABLE_SIZE;
  const text = new Uint8Array(4096);
  const count = Number(calls.read(file, text, BigInt(text.length)));
  calls.close(file);
  const status = new TextDecoder().decode(text.subarray(0, Math.max(0, count)));
  return Number(/^FDSize:\s+(\d+)$/m.exec(status)?.[1] ?? DEFAULT_TABLE_SIZE);
}

/** The number that the next descriptor gets (POSIX: the lowest free one), or the table's size. */
export function lowestFree(calls: Libc): number {
  const number = calls.dup(0);
  if (number < 0) return tableSize(calls);
  calls.close(number);
  return number;
}
