/**
 * Connections that are over for everybody but the runtime, which keeps what a peer doesn't take.
 */
import { sleep } from "../core/time.ts";
import { connectionBetween, type Descriptor, socketCalls } from "./descriptor.ts";
import { unixDescriptor } from "./unix_descriptor.ts";

/** A peer that is only slow gets this long to take what is being written, milliseconds. */
const PATIENCE = 1000;
const POLL = 50;

let count = 0;

/** How many connections still hold a descriptor though they are over. */
export function heldConnections(): number {
  return count;
}

/** The descriptor of a connection that is open. Nothing without libc, or after its peer's reset. */
export function descriptorOf(conn: Deno.Conn): Descriptor | undefined {
  try {
    const { localAddr, remoteAddr } = conn;
    return "hostname" in localAddr && "hostname" in remoteAddr
      ? connectionBetween(localAddr, remoteAddr)
      : unixDescriptor(conn);
  } catch {
    return undefined; // A connection that its peer has reset may have no addresses any more.
  }
}

/** A way to a connection's descriptor that is still one when `conn` has been used up by TLS. */
export function wayTo(conn: Deno.Conn): () => Descriptor | undefined {
  try {
    const { localAddr, remoteAddr } = conn;
    if ("hostname" in localAddr && "hostname" in remoteAddr) {
      return () => connectionBetween(localAddr, remoteAddr);
    }
  } catch {
    // Its peer has reset it: nothing is going to hold it.
  }
  return () => undefined;
}

/** Closes a connection in its TLS handshake, which would go on under a mere `close`. */
export function hangUp(conn: Deno.TlsConn): void {
  descriptorOf(conn)?.shutdown();
  conn.close();
}

/** Whether a connection's peer can be sent a reset. */
export function canReset(conn: Deno.Conn): boolean {
  return "hostname" in conn.localAddr && socketCalls() !== undefined;
}

/** What has been sent before a reset gets this long to arrive, milliseconds. */
const FLUSH = 500;
const FLUSH_POLL = 10;

/** Resets a TCP connection, if `flush` once its peer's system has all that was sent before. */
export async function reset(descriptor: Descriptor, flush: boolean): Promise<void> {
  if (flush) {
    for (let waited = 0; descriptor.unsent > 0 && waited < FLUSH; waited += FLUSH_POLL) {
      await sleep(FLUSH_POLL);
    }
  }
  descriptor.abort();
}

/**
 * Sees to it that the descriptor of a closed connection goes, also when its peer takes nothing
 * more: then the connection is reset, or what comes nearest to that on a Unix socket.
 */
export async function letGo(descriptor: Descriptor): Promise<void> {
  count++;
  for (let waited = 0; descriptor.isOpen && waited < PATIENCE; waited += POLL) await sleep(POLL);
  descriptor.abort();
  while (descriptor.isOpen) await sleep(POLL);
  count--;
}

/**
 * Where there is no way to a descriptor, a peer may take what is being written once all that it
 * says itself is taken, and dropped. Resolves when `writing` is over.
 */
export async function drop(conn: Deno.Conn, writing: Promise<unknown>): Promise<void> {
  count++;
  readAll(conn).catch(() => {}); // Until the peer's end, or the close.
  await writing.catch(() => {});
  count--;
}

/** Reads to the peer's end, and keeps nothing. */
export async function readAll(conn: Deno.Conn): Promise<void> {
  const buffer = new Uint8Array(16 * 1024);
  while (await conn.read(buffer) !== null);
}
