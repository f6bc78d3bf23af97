/** One side of a connection: counts what passes, and shows it to viewers. */
import type { Message } from "../core/duplex.ts";
import type { Observer } from "../wrap/tap.ts";

/** What a viewer is told of one connection: what its client's side does, and more. */
export interface ConnectionObserver extends Observer {
  /** Observes the target's side. */
  readonly target?: Observer;
  /** The target is connected. */
  connected?(target: string): void;
  /** Both sides are closed; nothing follows. */
  over?(): void;
}

/** What all connections of a proxy count together. */
export interface Sums {
  /** Connections accepted. */
  connections: number;
  /** Connections open now. */
  active: number;
  /** Bytes received from the peers that connected. */
  received: number;
  /** Bytes sent to them. */
  sent: number;
  /** Bytes received from the targets. */
  receivedFromTarget: number;
  /** Bytes sent to the targets. */
  sentToTarget: number;
}

/** Where a proxy's sums count a side. */
interface SideKind {
  readonly received: keyof Sums;
  readonly sent: keyof Sums;
}

/** The side that was accepted. */
export const CLIENT: SideKind = { received: "received", sent: "sent" };
export const TARGET: SideKind = { received: "receivedFromTarget", sent: "sentToTarget" };

/** Observes a side. Each connection has two, and without viewers they cost next to nothing. */
export class Side implements Required<Observer> {
  /** Those who are told what happens. */
  observers: readonly Observer[] = [];
  /** Bytes of this side alone. */
  readonly traffic = { received: 0, sent: 0 };
  /** Directions that are over. */
  eofs = 0;
  isClosed = false;

  constructor(private readonly kind: SideKind, private readonly sums: Sums) {}

  sending(bytes: Uint8Array, message?: Message): void {
    for (const observer of this.observers) observer.sending?.(bytes, message);
  }

  sendingEof(): void {
    for (const observer of this.observers) observer.sendingEof?.();
  }

  received(bytes: Uint8Array, message?: Message): void {
    this.traffic.received += bytes.length;
    this.sums[this.kind.received] += bytes.length;
    for (const observer of this.observers) observer.received?.(bytes, message);
  }

  sent(bytes: Uint8Array, message?: Message): void {
    this.traffic.sent += bytes.length;
    this.sums[this.kind.sent] += bytes.length;
    for (const observer of this.observers) observer.sent?.(bytes, message);
  }

  receivedEof(): void {
    this.eofs++;
    for (const observer of this.observers) observer.receivedEof?.();
  }

  sentEof(): void {
    this.eofs++;
    for (const observer of this.observers) observer.sentEof?.();
  }

  failed(error: Error): void {
    for (const observer of this.observers) observer.failed?.(error);
  }

  closed(reason?: Error): void {
    this.isClosed = true;
    for (const observer of this.observers) observer.closed?.(reason);
  }
}
