/**
 * Descriptors of Unix sockets. Their clients have no names, so connections to one path can't be
 * told apart by what the kernel says of them; each is found when it is new, and remembered.
 */
import {
  Descriptor,
  lowestFree,
  nameOf,
  socketCalls,
  STREAM,
  tableSize,
  typeOf,
} from "./descriptor.ts";
import type { Libc } from "./libc.ts";
import { isPath, isUnix } from "./sockaddr.ts";

const known = new WeakMap<Deno.Conn, Descriptor>();
/** Those that were found, by number, until the number is another's. */
const numbers = new Map<number, Descriptor>();

/** The descriptor of a connection that was found when it was new. */
export function unixDescriptor(conn: Deno.Conn): Descriptor | undefined {
  return known.get(conn);
}

/**
 * Connects, and remembers the descriptor. The runtime makes the socket before `connect` returns: it
 * gets the lowest number that is free.
 */
export async function connectRemembered(
  connect: () => Promise<Deno.UnixConn>,
): Promise<Deno.UnixConn> {
  const calls = socketCalls();
  if (!calls) return await connect();
  const number = lowestFree(calls);
  const connecting = connect();
  const found = isConnection(calls, number) ? take(calls, number) : undefined;
  const conn = await connecting;
  if (found) known.set(conn, found);
  return conn;
}

/** Remembers the descriptor of a connection that was accepted at `path` just now. */
export function rememberAccepted(conn: Deno.UnixConn, path: string): void {
  const calls = socketCalls();
  if (!calls) return;
  const isIt = (number: number) =>
    !numbers.get(number)?.isOpen && isConnection(calls, number) && isBoundTo(calls, number, path);
  // It got the lowest number that was free. What is free now is above it, or was freed since.
  const free = lowestFree(calls);
  for (let number = free - 1; number > 2; number--) {
    if (isIt(number)) return void known.set(conn, take(calls, number));
  }
  const end = tableSize(calls);
  for (let number = free + 1; number < end; number++) {
    if (isIt(number)) return void known.set(conn, take(calls, number));
  }
}

function take(calls: Libc, number: number): Descriptor {
  const descriptor = new Descriptor(calls, number);
  numbers.set(number, descriptor);
  return descriptor;
}

function isConnection(calls: Libc, number: number): boolean {
  const peer = nameOf(calls.getpeername, number);
  return peer !== undefined && isUnix(peer) && typeOf(calls, number) === STREAM;
}

function isBoundTo(calls: Libc, number: number, path: string): boolean {
  const own = nameOf(calls.getsockname, number);
  return own !== undefined && isPath(own, path);
}
