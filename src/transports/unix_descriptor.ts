/**
 * Descriptors of Unix sockets. Clients have no addresses that would distinguish the connections to
 * a path, so each descriptor is found when the connection is new, and remembered.
 */
import {
  Descriptor,
  lowestFree,
  nameOf,
  SOCK_STREAM,
  socketCalls,
  tableSize,
  typeOf,
} from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import { isPath, isUnix, unixPathOf } from "./sockaddr.ts";

const descriptors = new WeakMap<Deno.Conn, Descriptor>();
/** Remembered descriptors by number; a later connection with the number replaces one. */
const byNumber = new Map<number, Descriptor>();

/** The remembered descriptor of a connection, if it was found. */
export function unixDescriptor(conn: Deno.Conn): Descriptor | undefined {
  return descriptors.get(conn);
}

/**
 * Connects, and remembers the descriptor. The runtime makes the socket before `connect` returns its
 * promise, so the socket gets the number that was the lowest free one.
 */
export async function connectRemembered(
  connect: () => Promise<Deno.UnixConn>,
): Promise<Deno.UnixConn> {
  const calls = socketCalls();
  if (!calls) return await connect();
  const number = lowestFree(calls);
  const connecting = connect();
  const descriptor = isConnection(calls, number) ? numbered(calls, number) : undefined;
  const conn = await connecting;
  if (descriptor) descriptors.set(conn, descriptor);
  return conn;
}

/** Remembers the descriptor of a connection that was just accepted at `path`. */
export function rememberAccepted(conn: Deno.UnixConn, path: string): void {
  const calls = socketCalls();
  if (!calls) return;
  const isAccepted = (number: number) =>
    !byNumber.get(number)?.isOpen && isConnection(calls, number) && isBoundTo(calls, number, path);
  // It got the lowest free number, which is below the one now, unless a lower one was freed since.
  const free = lowestFree(calls);
  for (let number = free - 1; number > 2; number--) {
    if (isAccepted(number)) return register(calls, number, conn);
  }
  const size = tableSize(calls);
  for (let number = free + 1; number < size; number++) {
    if (isAccepted(number)) return register(calls, number, conn);
  }
}

/**
 * Lets that many connections of what `listen` binds wait to be accepted: the runtime's 1024 are
 * few, and `connect` fails at once for one more (EAGAIN, unix(7)). A second listen(2) changes it.
 * `path` is the one that the system has: a program without every right gets an absolute one.
 */
export function withBacklog(
  backlog: number,
  listen: () => Deno.UnixListener,
): { readonly listener: Deno.UnixListener; readonly path?: string } {
  const calls = socketCalls();
  if (!calls) return { listener: listen() };
  const number = lowestFree(calls);
  const listener = listen();
  const own = nameOf(calls.getsockname, number);
  if (!own || !isUnix(own) || typeOf(calls, number) !== SOCK_STREAM) return { listener };
  const path = unixPathOf(own);
  calls.listen(number, backlog);
  return { listener, path };
}

/** Remembers the number of a connection's descriptor. */
export function register(calls: Libc, number: number, conn: Deno.Conn): void {
  descriptors.set(conn, numbered(calls, number));
}

function numbered(calls: Libc, number: number): Descriptor {
  const descriptor = new Descriptor(calls, number);
  byNumber.set(number, descriptor);
  return descriptor;
}

function isConnection(calls: Libc, number: number): boolean {
  const peer = nameOf(calls.getpeername, number);
  return peer !== undefined && isUnix(peer) && typeOf(calls, number) === SOCK_STREAM;
}

function isBoundTo(calls: Libc, number: number, path: string): boolean {
  const own = nameOf(calls.getsockname, number);
  return own !== undefined && isPath(own, path);
}
