/** Watching a relay's connections from outside, from the accept to the close of both sides. */
import type { Connection } from "../core/duplex.ts";
import type { Accepted } from "../core/serve.ts";
import type { Observer } from "../wrap/tap.ts";

export interface RelayObserver {
  /** The number of the next connection. */
  nextId(): number;
  /** A connection was accepted, and its target is about to be connected. */
  accepted(accepted: Accepted): ConnectionWatch;
}

/** Watches one connection until it is disposed of: then both of its sides are closed. */
export interface ConnectionWatch extends Disposable {
  /** The connection's place in the order of those that the relay has carried, from 1. */
  readonly order: number;
  /** Observes the client. */
  readonly client: Observer;
  /** Observes the target. */
  readonly target: Observer;
  /** The target is connected. */
  connected(target: Connection): void;
}
