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

/** What the two sides differ in: where a proxy's sums count them, and who observes them. */
interface SideKind {
  readonly received: keyof Sums;
  readonly sent: keyof Sums;
  readonly observerOf: (viewer: ConnectionObserver) => Observer | undefined;
}

/** The side that was accepted. */
export const CLIENT: SideKind = {
  received: "received",
  sent: "sent",
  observerOf: (viewer) => viewer,
};

export const TARGET: SideKind = {
  received: "receivedFromTarget",
  sent: "sentToTarget",
  observerOf: ({ target }) => target,
};

/** Observes a side. Each connection has two, and without viewers they cost next to nothing. */
export class Side implements Required<Observer> {
  /** Bytes of this side alone. */
  readonly traffic = { received: 0, sent: 0 };
  /** Directions that are over. */
  eofs = 0;
  isClosed = false;

  constructor(
    private readonly kind: SideKind,
    private readonly sums: Sums,
    private readonly viewers: ReadonlyMap<unknown, ConnectionObserver>,
  ) {}

  sending(bytes: Uint8Array, message?: Message): void {
    if (this.viewers.size > 0) this.#tell((observer) => observer.sending?.(bytes, message));
  }

  sendingEof(): void {
    if (this.viewers.size > 0) this.#tell((observer) => observer.sendingEof?.());
  }

  received(bytes: Uint8Array, message?: Message): void {
    this.traffic.received += bytes.length;
    this.sums[this.kind.received] += bytes.length;
    if (this.viewers.size > 0) this.#tell((observer) => observer.received?.(bytes, message));
  }

  sent(bytes: Uint8Array, message?: Message): void {
    this.traffic.sent += bytes.length;
    this.sums[this.kind.sent] += bytes.length;
    if (this.viewers.size > 0) this.#tell((observer) => observer.sent?.(bytes, message));
  }

  receivedEof(): void {
    this.eofs++;
    if (this.viewers.size > 0) this.#tell((observer) => observer.receivedEof?.());
  }

  sentEof(): void {
    this.eofs++;
    if (this.viewers.size > 0) this.#tell((observer) => observer.sentEof?.());
  }

  failed(error: Error): void {
    if (this.viewers.size > 0) this.#tell((observer) => observer.failed?.(error));
  }

  closed(reason?: Error): void {
    this.isClosed = true;
    if (this.viewers.size > 0) this.#tell((observer) => observer.closed?.(reason));
  }

  #tell(act: (observer: Observer) => void): void {
    for (const viewer of this.viewers.values()) {
      const observer = this.kind.observerOf(viewer);
      if (observer) act(observer);
    }
  }
}
