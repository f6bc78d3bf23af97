/**
 * Closes connections that the runtime would hold open: its write outlives a close for as long as
 * the peer reads nothing.
 */
import { drain } from "../core/drain.ts";
import { sleep } from "../core/time.ts";
import { connectionBetween, type Descriptor, socketCalls } from "./descriptor.ts";
import { unixDescriptor } from "./unix_descriptor.ts";

/** Milliseconds that a slow peer gets to read the pending write. */
const CLOSE_TIMEOUT = 1000;
const CLOSE_POLL = 50;

let held = 0;

/** The number of closed connections that still hold a descriptor. */
export function heldConnections(): number {
  return held;
}

/** An open connection's descriptor. Undefined without libc, or after the peer's reset. */
export function descriptorOf(conn: Deno.Conn): Descriptor | undefined {
  try {
    const { localAddr, remoteAddr } = conn;
    return "hostname" in localAddr && "hostname" in remoteAddr
      ? connectionBetween(localAddr, remoteAddr)
      : unixDescriptor(conn);
  } catch {
    return undefined; // After a reset the addresses may be gone.
  }
}

/** A function that finds the descriptor of `conn`, also once TLS has consumed `conn`. */
export function descriptorFinder(conn: Deno.Conn): () => Descriptor | undefined {
  try {
    const { localAddr, remoteAddr } = conn;
    if ("hostname" in localAddr && "hostname" in remoteAddr) {
      return () => connectionBetween(localAddr, remoteAddr);
    }
  } catch {
    // The peer has reset it: nothing will hold it open.
  }
  return () => undefined;
}

/** Closes a connection in its TLS handshake, which `close` alone wouldn't stop. */
export function abortHandshake(conn: Deno.TlsConn): void {
  descriptorOf(conn)?.shutdown();
  conn.close();
}

/** Whether this system has a way to send resets. */
export function canSendResets(): boolean {
  return socketCalls() !== undefined;
}

/** Whether a connection's peer can be sent a reset. */
export function canReset(conn: Deno.Conn): boolean {
  return "hostname" in conn.localAddr && canSendResets();
}

/** Milliseconds for data to arrive that was sent before a reset. */
const FLUSH_TIMEOUT = 500;
const FLUSH_POLL = 10;

/** Resets a TCP connection; with `flush`, once all is sent or `FLUSH_TIMEOUT` is over. */
export async function reset(descriptor: Descriptor, flush: boolean): Promise<void> {
  if (flush) {
    for (let waited = 0; descriptor.unsent > 0 && waited < FLUSH_TIMEOUT; waited += FLUSH_POLL) {
      await sleep(FLUSH_POLL);
    }
  }
  descriptor.abort();
}

/**
 * Waits until the descriptor of a closed connection is closed, and aborts the connection (see
 * `Descriptor.abort`) if the peer doesn't read the pending write in time.
 */
export async function ensureClosed(descriptor: Descriptor): Promise<void> {
  held++;
  for (let waited = 0; descriptor.isOpen && waited < CLOSE_TIMEOUT; waited += CLOSE_POLL) {
    await sleep(CLOSE_POLL);
  }
  descriptor.abort();
  while (descriptor.isOpen) await sleep(CLOSE_POLL);
  held--;
}

/**
 * Reads and drops what the peer sends until `writing` has settled. For connections without a
 * descriptor: the peer may read our write only once its own has been read.
 */
export async function drainUntilWritten(conn: Deno.Conn, writing: Promise<unknown>): Promise<void> {
  held++;
  drain(conn).catch(() => {}); // Until EOF or the close.
  await writing.catch(() => {});
  held--;
}
