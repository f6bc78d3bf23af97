/** One connection of a proxy, from its accept until both of its sides are closed. */
import type { Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import { ResetFaultError } from "../core/resets.ts";
import type { Accepted } from "../core/serve.ts";
import { HttpError } from "../http/http_error.ts";
import type { ConnectionWatch } from "../relay/observer.ts";
import { CLIENT, type ConnectionObserver, Side, type Sums, TARGET } from "./side.ts";

/** What a connection is doing. */
export type ConnectionState =
  /** The target isn't connected yet. */
  | "connecting"
  | "open"
  /** One side's EOF has been passed on. */
  | "half-closed"
  /** Both EOFs have been passed on, or it is closed; its sides are still being told. */
  | "closing";

/** A connection as `GET /connections` shows it. */
export interface ConnectionInfo {
  /** Unique in this process. */
  readonly id: number;
  readonly proxy: string;
  readonly peer: string;
  /** The target's address once it is connected; the proxy's upstream until then. */
  readonly target: string;
  readonly state: ConnectionState;
  /** When it was accepted (RFC 3339). */
  readonly since: string;
  /** Bytes sent to the peer. */
  readonly sent: number;
  /** Bytes received from the peer. */
  readonly received: number;
  /** Names of the toxics that act on it. */
  readonly toxics: readonly string[];
}

/**
 * Makes what observes one connection: one that is open already, or a new one. Undefined for a
 * connection that isn't of interest.
 */
export type Viewer = (connection: TrackedConnection) => ConnectionObserver | undefined;

/** What a connection is told about its proxy. */
export interface ProxyFacts {
  readonly proxy: string;
  upstream(): string;
  readonly sums: Sums;
  /** Names of the toxics that act on the connection of that place in the order. */
  toxicsOf(order: number): readonly string[];
}

export class TrackedConnection implements ConnectionWatch {
  readonly id: number;
  readonly peer: string;
  /** Our address. */
  readonly local: string;
  /** The side that was accepted. */
  readonly connection: Connection;
  readonly client: Side;
  readonly target: Side;
  /** When it was accepted, in milliseconds of `performance.now()`. */
  readonly startedAt = performance.now();
  readonly #since = new Date();
  readonly #viewers = new Map<Viewer, ConnectionObserver>();
  readonly #log: Log;
  #target: Connection | undefined;
  #connectedAt = 0;

  /** @param onOver Called when both sides are closed. */
  constructor(
    { id, peer, local, connection, log }: Accepted,
    readonly order: number,
    private readonly facts: ProxyFacts,
    private readonly onOver: () => void,
  ) {
    this.id = id;
    this.peer = peer;
    this.local = local;
    this.connection = connection;
    this.#log = log;
    this.client = new Side(CLIENT, facts.sums);
    this.target = new Side(TARGET, facts.sums);
    facts.sums.connections++;
    facts.sums.active++;
  }

  get proxy(): string {
    return this.facts.proxy;
  }

  /** The target's address, and when it was connected, once it is. */
  get connectedTarget(): { readonly peer: string; readonly at: number } | undefined {
    return this.#target && { peer: this.#target.peer, at: this.#connectedAt };
  }

  get info(): ConnectionInfo {
    const { id, proxy, peer, order, facts, client } = this;
    return {
      id,
      proxy,
      peer,
      target: this.#target?.peer ?? facts.upstream(),
      state: this.#state,
      since: this.#since.toISOString(),
      sent: client.traffic.sent,
      received: client.traffic.received,
      toxics: facts.toxicsOf(order),
    };
  }

  get #state(): ConnectionState {
    if (this.client.isClosed || this.client.eofs > 1) return "closing";
    if (this.#target === undefined) return "connecting";
    return this.client.eofs === 1 ? "half-closed" : "open";
  }

  connected(target: Connection): void {
    this.#target = target;
    this.#connectedAt = performance.now();
    for (const observer of this.#viewers.values()) observer.connected?.(target.peer);
  }

  /** Shows `viewer` what happens from now on. */
  show(viewer: Viewer): void {
    const observer = viewer(this);
    if (!observer) return;
    this.#viewers.set(viewer, observer);
    this.#observe();
  }

  /** Shows `viewer` nothing more. */
  hide(viewer: Viewer): void {
    if (this.#viewers.delete(viewer)) this.#observe();
  }

  #observe(): void {
    const observers = [...this.#viewers.values()];
    this.client.observers = observers;
    this.target.observers = observers.flatMap(({ target }) => target ?? []);
  }

  /** Closes both sides with `reason`, which must be given: the target may not be known yet. */
  close(reason: Error): void {
    this.connection.close(reason);
    // What is still on its way to the target would otherwise hold it open.
    this.#target?.close(reason);
  }

  /**
   * Closes both sides, each by a reset where that has one. Throws an `HttpError` (501) where
   * neither has.
   */
  reset(): void {
    const sides = [this.connection, ...this.#target ? [this.#target] : []];
    const without = sides.filter(({ showsReset }) => !showsReset).map(({ peer }) => peer);
    if (without.length === sides.length) {
      throw new HttpError(501, `no reset can be sent to ${without.join(" and ")}`);
    }
    for (const peer of without) {
      const text = `${peer} sees a plain end: no reset can be sent there`;
      this.#log.warn("plain-end", text, { address: peer });
    }
    this.close(new ResetFaultError("close", this.peer, "reset, as the control was asked to"));
  }

  [Symbol.dispose](): void {
    this.facts.sums.active--;
    this.onOver();
    for (const observer of this.#viewers.values()) observer.over?.();
  }
}
