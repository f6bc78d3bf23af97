/** Calls of the C library for which the runtime has no interface. */

import { platform } from "../platform/platform.ts";
import { makeMessage } from "./message.ts";

const CALLS = {
  /** `sigaction(signal, act, oldact)` */
  sigaction: { parameters: ["i32", "pointer", "buffer"], result: "i32" },
  /** The same for an action that was read before. */
  setAction: {
    name: "sigaction",
    parameters: ["i32", "buffer", "pointer"],
    result: "i32",
  },
  /** `signal(signal, handler)`; 0 is the default action. */
  signal: { parameters: ["i32", "usize"], result: "usize" },
  /** `kill(process, signal)` */
  kill: { parameters: ["i32", "i32"], result: "i32" },
  /** `tcgetattr(descriptor, attributes)` */
  tcgetattr: { parameters: ["i32", "buffer"], result: "i32" },
  /** `tcsetattr(descriptor, when, attributes)` */
  tcsetattr: { parameters: ["i32", "i32", "buffer"], result: "i32" },
  /** `lseek(descriptor, offset, whence)` */
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  /** `open(path, flags)`; the path ends with a NUL. */
  open: { parameters: ["buffer", "i32"], result: "i32" },
  /** `write(descriptor, bytes, size)` */
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  /** `read(descriptor, buffer, size)` */
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  /** `getdents64(descriptor, entries, size)`, of Linux */
  getdents64: { optional: true, parameters: ["i32", "buffer", "usize"], result: "isize" },
  /** `close(descriptor)` */
  close: { parameters: ["i32"], result: "i32" },
  /** `dup(descriptor)` */
  dup: { parameters: ["i32"], result: "i32" },
  /** `socket(family, type, protocol)` */
  socket: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `accept4(descriptor, address, length, flags)`, of Linux */
  accept4: { optional: true, parameters: ["i32", "pointer", "pointer", "i32"], result: "i32" },
  /** `eventfd(count, flags)`, of Linux */
  eventfd: { optional: true, parameters: ["u32", "i32"], result: "i32" },
  /** `connect(descriptor, address, length)` */
  connect: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** `bind(descriptor, address, length)` */
  bind: { parameters: ["i32", "buffer", "u32"], result: "i32" },
  /** `listen(descriptor, backlog)` */
  listen: { parameters: ["i32", "i32"], result: "i32" },
  /** `shutdown(descriptor, how)` */
  shutdown: { parameters: ["i32", "i32"], result: "i32" },
  /** `getsockname(descriptor, address, length)` */
  getsockname: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  /** `getpeername(descriptor, address, length)` */
  getpeername: { parameters: ["i32", "buffer", "buffer"], result: "i32" },
  /** `getsockopt(descriptor, level, option, value, length)` */
  getsockopt: { parameters: ["i32", "i32", "i32", "buffer", "buffer"], result: "i32" },
  /** `if_nametoindex(name)`; the name ends with a NUL. */
  if_nametoindex: { parameters: ["buffer"], result: "u32" },
  /** `setsockopt(descriptor, level, option, value, length)` */
  setsockopt: { parameters: ["i32", "i32", "i32", "buffer", "u32"], result: "i32" },
  /** `recvfrom(descriptor, buffer, size, flags, address, length)` */
  recvfrom: {
    parameters: ["i32", "buffer", "usize", "i32", "buffer", "buffer"],
    result: "isize",
  },
  /** `sendto(descriptor, data, size, flags, address, length)` */
  sendto: { parameters: ["i32", "buffer", "usize", "i32", "buffer", "u32"], result: "isize" },
  /** `recvmsg(descriptor, message, flags)` */
  recvmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  /** `sendmsg(descriptor, message, flags)` */
  sendmsg: { parameters: ["i32", "buffer", "i32"], result: "isize" },
  /** `poll(descriptors, count, milliseconds)`, in another thread. */
  poll: { parameters: ["buffer", "u64", "i32"], result: "i32", nonblocking: true },
  /** `&errno` (errno(3)): where the GNU C library keeps the number of the latest failure. */
  errno: { name: "__errno_location", optional: true, parameters: [], result: "pointer" },
  /** `memcpy(to, from, size)` */
  memcpy: { parameters: ["buffer", "pointer", "usize"], result: "pointer" },
  /** `umask(mask)` */
  umask: { parameters: ["u32"], result: "u32" },
  /** `fcntl(descriptor, request, value)` */
  fcntl: { parameters: ["i32", "i32", "i32"], result: "i32" },
  /** `ioctl(descriptor, request, value)` */
  ioctl: { parameters: ["i32", "u64", "buffer"], result: "i32" },
} as const;

/**
 * Flags of open(2) for what may be anything, `O_NONBLOCK | O_NOCTTY | O_CLOEXEC`: never wait, never
 * make a terminal ours, closed in child processes.
 */
export const CAREFULLY = 0x800 | 0x100 | 0x80000;
/** `events` of a `struct pollfd` (poll(2)). */
export const POLLIN = 1;
export const POLLOUT = 4;
/** A request of fcntl(2) for the flags of an open file, and where its access mode is. */
export const F_GETFL = 3;
export const O_ACCMODE = 3;

export type Libc = Deno.DynamicLibrary<typeof CALLS>["symbols"];

let calls: Libc | null | undefined;

/**
 * The calls, or undefined where the library can't be opened. The first use opens it (2 ms), and it
 * stays open.
 */
export function libc(): Libc | undefined {
  if (calls === undefined) calls = open() ?? null;
  return calls ?? undefined;
}

/** Whether the calls have been asked for already, so that another use costs nothing. */
export function libcIsOpen(): boolean {
  return calls !== undefined;
}

/** Opens the library, and gives up the permission to open any other. */
export function keepOnlyLibc(): void {
  libc();
  Deno.permissions.revokeSync({ name: "ffi" });
}

function open(): Libc | undefined {
  const name = platform().libc;
  if (name === undefined) return undefined;
  try {
    makeMessage();
    return Deno.dlopen(name, CALLS).symbols;
  } catch {
    return undefined; // Another C library (musl), or no permission to open it.
  }
}
