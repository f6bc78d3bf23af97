/**
 * One bound UDP socket: a receive loop that hands each datagram on and waits for nobody, and a
 * count of those who still need the socket (a listener, each of its sessions).
 */
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Log } from "../../core/log.ts";
import { sleep } from "../../core/time.ts";

/** Gets each datagram; the bytes are its own to keep. Must neither wait nor throw. */
export type Deliver = (data: Uint8Array, from: Deno.NetAddr) => void;

/** A pause after a failed receive, so that a failure that lasts doesn't spin, milliseconds. */
const PAUSE = 1;

export class UdpSocket {
  #users = 1;

  /** Its first user is the caller. */
  constructor(
    private readonly conn: Deno.DatagramConn,
    private readonly log: Log,
    deliver: Deliver,
    /** Told of each failed receive. */
    private readonly onFailure?: (error: Error) => void,
  ) {
    this.#receive(deliver);
  }

  get address(): Deno.NetAddr {
    return this.conn.addr as Deno.NetAddr;
  }

  /** Sends one datagram of at most `LARGEST_DATAGRAM` bytes. Rejects as the system says. */
  async send(data: Uint8Array, to: Deno.NetAddr): Promise<void> {
    await this.conn.send(data, to);
  }

  /** One more user. */
  retain(): void {
    this.#users++;
  }

  /** One user less; the last one closes the socket. */
  release(): void {
    if (--this.#users === 0) this.conn.close();
  }

  async #receive(deliver: Deliver): Promise<void> {
    const buffer = new Uint8Array(LARGEST_DATAGRAM + 1);
    while (this.#users > 0) {
      try {
        const [data, from] = await this.conn.receive(buffer);
        deliver(data.slice(), from as Deno.NetAddr);
      } catch (error) {
        if (this.#users === 0) return;
        // What ICMP says of an earlier datagram (Windows tells it here) concerns one peer alone.
        this.log.debug("receive-failed", `receive: ${(error as Error).message}`);
        this.onFailure?.(error as Error);
        await sleep(PAUSE);
      }
    }
  }
}

/** Whether the system blames a datagram that was sent earlier, maybe to somebody else (ICMP). */
export function isAboutEarlier(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "ECONNREFUSED" || code === "ECONNRESET";
}
