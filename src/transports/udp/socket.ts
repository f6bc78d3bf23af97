/**
 * A bound UDP socket: a receive loop that delivers each datagram without waiting, and a count of
 * references to the socket (a listener's, and one of each session).
 */
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { sleep } from "../../core/time.ts";

/** Takes a received datagram, whose bytes it may keep. Must neither block nor throw. */
export type Deliver = (data: Uint8Array, from: Deno.NetAddr) => void;

/** Milliseconds to wait after a failed receive, so that a lasting failure doesn't spin. */
const RETRY_DELAY = 1;

export class UdpSocket {
  #references = 1;

  /** The caller has the first reference. */
  constructor(
    private readonly conn: Deno.DatagramConn,
    private readonly log: Log,
    deliver: Deliver,
    /** Called after each failed receive. */
    private readonly onFailure?: (error: Error) => void,
  ) {
    this.#receive(deliver);
  }

  get address(): Deno.NetAddr {
    return this.conn.addr as Deno.NetAddr;
  }

  /** Sends a datagram of at most `LARGEST_DATAGRAM` bytes. Rejects with the system's error. */
  async send(data: Uint8Array, to: Deno.NetAddr): Promise<void> {
    await this.conn.send(data, to);
  }

  /** Adds a reference. */
  retain(): void {
    this.#references++;
  }

  /** Drops a reference; the last one closes the socket. */
  release(): void {
    if (--this.#references === 0) this.conn.close();
  }

  async #receive(deliver: Deliver): Promise<void> {
    const buffer = new Uint8Array(LARGEST_DATAGRAM + 1);
    while (this.#references > 0) {
      try {
        const [data, from] = await this.conn.receive(buffer);
        deliver(data.slice(), from as Deno.NetAddr);
      } catch (error) {
        if (this.#references === 0) return;
        // An ICMP error for an earlier datagram (Windows reports it here) concerns one peer only.
        this.log.debug("receive-failed", `receive: ${(error as Error).message}`);
        this.onFailure?.(error as Error);
        await sleep(RETRY_DELAY);
      }
    }
  }
}

/** Whether it is an ICMP error for an earlier datagram, perhaps one to another peer. */
export function isIcmpError(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "ECONNREFUSED" || code === "ECONNRESET";
}
