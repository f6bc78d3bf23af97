/**
 * ICMP errors for datagrams of a connected UDP socket (RFC 1122 §4.1.3.3). The kernel keeps such an
 * error pending at the socket, which wakes no receive of the runtime's. So the socket is polled.
 */
import { deadline } from "../../core/deadlines.ts";
import type { UnavailableError } from "../../core/errors.ts";
import type { Descriptor } from "../descriptor.ts";
import { datagramRefused } from "../failure.ts";

/** Milliseconds from a datagram to the first check; the delay doubles, up to the last. */
const FIRST_DELAY = 10;
const LAST_DELAY = 2560;

/** Checks a connected socket for ICMP errors. */
export class Refusals {
  #delay = FIRST_DELAY;
  #cancel: (() => void) | undefined;

  /** @param onRefused Called when a datagram has been refused; may be called again. */
  constructor(
    private readonly descriptor: Descriptor,
    private readonly peer: string,
    private readonly onRefused: (error: Error) => void,
  ) {}

  /** Restarts the checks after a datagram has been sent. */
  onSent(): void {
    this.#delay = FIRST_DELAY;
    this.#cancel ??= deadline(FIRST_DELAY, () => this.#check());
  }

  /** The pending ICMP error, which is cleared. */
  take(): UnavailableError | undefined {
    const number = this.descriptor.takeError();
    return number ? datagramRefused(this.peer, number) : undefined;
  }

  /** Reports an ICMP error that a receive got, after a delay: datagrams may still be queued. */
  onReceiveFailed(error: Error): void {
    this.close();
    this.#cancel = deadline(FIRST_DELAY, () => this.onRefused(error));
  }

  close(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #check(): void {
    this.#cancel = undefined;
    const error = this.take();
    if (error) return this.onRefused(error);
    if (this.#delay >= LAST_DELAY) return;
    this.#delay *= 2;
    this.#cancel = deadline(this.#delay, () => this.#check());
  }
}
