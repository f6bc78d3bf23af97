/**
 * A bound socket for datagrams: a receive loop that delivers each, and a count of
 * references to the socket (a listener's, and one of each session).
 */
import { BrokenError, reasonOf } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { sleep } from "../../core/time.ts";
import type { AddressOf, Datagrams, Deliver, Peer } from "./datagrams.ts";

/** Milliseconds to wait after a failed receive, so that a lasting failure doesn't spin. */
const RETRY_DELAY = 1;

export class DatagramSocket<P extends Peer> {
  #references = 1;

  /** The caller has the first reference. */
  constructor(
    private readonly datagrams: Datagrams<P>,
    private readonly log: Log,
    deliver: Deliver<P>,
    /** Called after each failed receive. */
    private readonly onFailure?: (error: Error) => void,
  ) {
    this.#receive(deliver);
  }

  get address(): AddressOf<P> {
    return this.datagrams.addr;
  }

  /** Sends a datagram as `Datagrams.send` does. */
  send(data: Uint8Array, to: AddressOf<P>): Promise<unknown> | undefined {
    return this.datagrams.send(data, to);
  }

  /** Adds a reference. */
  retain(): void {
    this.#references++;
  }

  /** Drops a reference; the last one closes the socket. */
  release(): void {
    if (--this.#references === 0) this.datagrams.close();
  }

  async #receive(deliver: Deliver<P>): Promise<void> {
    while (this.#references > 0) {
      try {
        await this.datagrams.receive(deliver);
      } catch (error) {
        if (this.#references === 0) return;
        if (error instanceof BrokenError) this.log.warn("discarded", reasonOf(error));
        // An ICMP error for an earlier datagram (Windows reports it here) concerns one peer only.
        else this.log.debug("receive-failed", `receive: ${(error as Error).message}`);
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
