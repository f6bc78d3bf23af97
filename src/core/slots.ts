/** Places for connections: how many there are, who has one, and who makes room for a new one. */
import { Handshakes } from "./handshakes.ts";
import type { Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { Notifier } from "./notifier.ts";

export interface SlotsOptions {
  readonly log: Log;
  /** So many connections may be open at once. */
  readonly maxConnections: number;
  /** So many of one address. */
  readonly maxPerPeer: number | undefined;
  /** How many connections are over, and hold a descriptor nevertheless: they hold their places. */
  readonly held: (() => number) | undefined;
}

export class Slots {
  /** Those who have a place, and have not finished their handshake. */
  readonly handshakes = new Handshakes();
  #taken = 0;
  /** Places by the peer's address, where their number is limited. */
  readonly #perHost = new Map<string, number>();
  #closed = false;
  /** Notifies when a place is free, or none is going to be needed any more. */
  readonly #change = new Notifier();

  constructor(
    private readonly listeners: readonly Listener[],
    private readonly options: SlotsOptions,
  ) {}

  /** Why there is no place for `peer`, or nothing, once there is one. */
  async refusal(peer: string): Promise<string | undefined> {
    const { maxConnections, maxPerPeer, held = () => 0 } = this.options;
    if (maxPerPeer !== undefined && (this.#perHost.get(hostOf(peer)) ?? 0) >= maxPerPeer) {
      return `--max-per-peer ${maxPerPeer} is reached`;
    }
    while (this.#taken + held() >= maxConnections && !this.#closed) {
      if (!this.#evict()) return `--max-connections ${maxConnections} is reached`;
      await this.#change.wait();
    }
    return undefined;
  }

  take(peer: string): void {
    this.#count(peer, 1);
  }

  free(peer: string): void {
    this.#count(peer, -1);
    this.#change.notify();
  }

  /** Nobody is going to need a place any more. */
  close(): void {
    this.#closed = true;
    this.handshakes.abort();
    this.#change.notify();
  }

  /** Resolves once all places are free. */
  async allFree(): Promise<void> {
    while (this.#taken > 0) await this.#change.wait();
  }

  /** Ends the oldest handshake, or else the connection that has been silent longest. */
  #evict(): boolean {
    const { log, maxConnections } = this.options;
    const oldest = this.handshakes.evictOldest();
    if (oldest) {
      const why = `a newer one needs its place, and its handshake isn't over`;
      const { peer } = oldest;
      log.warn("refused", `refused ${peer}: ${why} (--max-connections ${maxConnections})`, {
        peer,
      });
      return true;
    }
    const silent = this.listeners.flatMap((listener) => listener.longestIdle?.() ?? []);
    if (silent.length === 0) return false;
    silent.reduce((one, other) => other.since < one.since ? other : one).evict();
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

/** Where a peer is, without its port or number: `127.0.0.1`, `[::1]`, `unix:/run/x`. */
function hostOf(peer: string): string {
  return peer.replace(/[:#]\d+$/, "");
}
