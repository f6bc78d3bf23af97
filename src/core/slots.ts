/** Slots for connections: how many are taken, and which one is evicted for a new connection. */
import { evictOldestAnywhere, Handshakes } from "./handshakes.ts";
import type { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { Notifier } from "./notifier.ts";
import { settledWithin, sleep } from "./time.ts";

export interface SlotsOptions {
  readonly log: Log;
  /** Connections that may be open at once. */
  readonly maxConnections: number;
  /** The name of that limit in messages; `--max-connections N` where it is undefined. */
  readonly limitName?: string;
  /** Connections from one address that may be open at once. */
  readonly maxPerPeer: number | undefined;
  /** Number of connections that are closed and still hold a descriptor, and so a slot. */
  readonly held: (() => number) | undefined;
}

export class Slots {
  /** Peers that have a slot and are still in their handshake. */
  readonly handshakes = new Handshakes();
  #taken = 0;
  /** Slots taken by each address, where their number is limited. */
  readonly #perHost = new Map<string, number>();
  #closed = false;
  /** Notifies when a slot becomes free, and when no more are needed. */
  readonly #change = new Notifier();

  constructor(
    private readonly listeners: readonly Listener[],
    private readonly options: SlotsOptions,
  ) {}

  /** Why there is no slot for `peer`; undefined if one is free, or resolves so once one is. */
  refusal(peer: string): string | undefined | Promise<string | undefined> {
    const { maxPerPeer } = this.options;
    if (maxPerPeer !== undefined && (this.#perHost.get(hostOf(peer)) ?? 0) >= maxPerPeer) {
      return `--max-per-peer ${maxPerPeer} is reached`;
    }
    return this.#isFull() ? this.#refusalOnceFree() : undefined;
  }

  async #refusalOnceFree(): Promise<string | undefined> {
    while (this.#isFull()) {
      if (!this.#evict()) return `${this.#limitName} is reached`;
      await this.#change.wait();
    }
    return undefined;
  }

  #isFull(): boolean {
    const { maxConnections, held = () => 0 } = this.options;
    return this.#taken + held() >= maxConnections && !this.#closed;
  }

  take(peer: string): void {
    this.#count(peer, 1);
  }

  free(peer: string): void {
    this.#count(peer, -1);
    this.#change.notify();
  }

  /** Aborts all handshakes: no more slots are needed. */
  close(): void {
    this.#closed = true;
    this.handshakes.abort();
    this.#change.notify();
  }

  /**
   * Waits `time` milliseconds after an accept that has failed. Where it lacked a descriptor, closes
   * the oldest handshake of the process, and waits no longer than until a slot is free.
   */
  async makeRoom(error: unknown, time: number): Promise<void> {
    const isOut = isOutOfDescriptors(error);
    if (isOut && this.#tellOf(evictOldestAnywhere(), "no descriptor is free")) {
      await settledWithin(this.#change.wait(), time);
    } else await sleep(time);
  }

  /** Resolves once all slots are free. */
  async allFree(): Promise<void> {
    while (this.#taken > 0) await this.#change.wait();
  }

  get #limitName(): string {
    const { limitName, maxConnections } = this.options;
    return limitName ?? `--max-connections ${maxConnections}`;
  }

  /** Closes the oldest handshake, or else the connection that has been idle longest. */
  #evict(): boolean {
    if (this.#tellOf(this.handshakes.evictOldest(), this.#limitName)) return true;
    const idle = this.listeners.flatMap((listener) => listener.longestIdle?.() ?? []);
    if (idle.length === 0) return false;
    idle.reduce((one, other) => other.since < one.since ? other : one).evict();
    return true;
  }

  /**
   * Logs that a handshake was closed for a newer one, if one was.
   *
   * @param limit What leaves no room for both.
   */
  #tellOf(evicted: { readonly peer: string } | undefined, limit: string): boolean {
    if (!evicted) return false;
    const why = `a newer one needs its place, and its handshake isn't over`;
    const { peer } = evicted;
    this.options.log.warn("refused", `refused ${peer}: ${why} (${limit})`, { peer });
    return true;
  }

  #count(peer: string, change: 1 | -1): void {
    this.#taken += change;
    if (this.options.maxPerPeer === undefined) return;
    const host = hostOf(peer);
    const open = (this.#perHost.get(host) ?? 0) + change;
    if (open > 0) this.#perHost.set(host, open);
    else this.#perHost.delete(host);
  }
}

/** A peer's address without its port or number: `127.0.0.1`, `[::1]`, `unix:/run/x`. */
function hostOf(peer: string): string {
  return peer.replace(/[:#]\d+$/, "");
}

/** Whether the process or the system has as many descriptors open as it may (accept(2)). */
function isOutOfDescriptors(error: unknown): boolean {
  const { code } = ((error as Error).cause ?? {}) as { code?: string };
  return code === "EMFILE" || code === "ENFILE";
}
