/** All that the panel shows, as a function of the events that it got. */
import { ConnectionTable } from "./connection_table.ts";
import { Rates } from "./rates.ts";
import { RoundTripSamples } from "./round_trip_samples.ts";
import type { ClosedConnection, Connection, LogEvent, Proxy, ProxySums, Sums } from "./wire.ts";

/** Lines of the log that are kept. */
export const MAX_LINES = 300;

/** What happens to the panel; times are milliseconds since the epoch. */
export type PanelEvent =
  /** A stream of events has begun. */
  | { readonly type: "connected" }
  | { readonly type: "lost" }
  | { readonly type: "unauthorized" }
  | { readonly type: "proxies"; readonly proxies: readonly Proxy[] }
  | { readonly type: "sums"; readonly sums: Sums }
  | { readonly type: "log"; readonly event: LogEvent }
  | {
    readonly type: "connections";
    readonly time: number;
    readonly connections: readonly (Connection | ClosedConnection)[];
  };

export type Link = "connecting" | "open" | "lost" | "locked";

/** A proxy with what is known of its traffic. */
export interface ShownProxy extends Proxy {
  readonly sums: ProxySums | undefined;
  readonly rates: Rates;
  readonly roundTrips: RoundTripSamples;
}

const MENDABLE = new Set(["toxic-added", "toxic-updated", "toxic-removed"]);

export class PanelState {
  link: Link = "connecting";
  /** The control's clock at the latest event. */
  now = 0;
  readonly connections = new ConnectionTable();
  readonly lines: LogEvent[] = [];
  /** Whether the list of proxies is older than what has been told since. */
  isStale = true;
  /** Whether connections may be over of which nothing has been told. */
  lacksClosed = true;
  #missed = 0;
  #missedBefore = 0;
  #proxies: readonly Proxy[] = [];
  readonly #sums = new Map<string, ProxySums>();
  readonly #rates = new Map<string, Rates>();
  readonly #roundTrips = new Map<string, RoundTripSamples>();

  /** Events that weren't told, because this viewer was too slow. */
  get missed(): number {
    return this.#missedBefore + this.#missed;
  }

  /** The proxies in their order. */
  get proxies(): ShownProxy[] {
    return this.#proxies.map((proxy) => {
      const { name } = proxy;
      const sums = this.#sums.get(name);
      const enabled = sums?.enabled ?? proxy.enabled;
      const [rates, roundTrips] = [this.#ratesOf(name), this.#roundTripsOf(name)];
      return { ...proxy, enabled, sums, rates, roundTrips };
    });
  }

  apply(event: PanelEvent): void {
    switch (event.type) {
      case "connected":
        this.link = "open";
        this.isStale = true;
        this.lacksClosed = true;
        this.connections.clear();
        this.#missedBefore += this.#missed;
        this.#missed = 0;
        return;
      case "lost":
        this.link = "lost";
        return;
      case "unauthorized":
        this.link = "locked";
        return;
      case "proxies":
        return this.#setProxies(event.proxies);
      case "sums":
        return this.#addSums(event.sums);
      case "log":
        return this.#addLine(event.event);
      case "connections":
        return this.connections.snapshot(event.time, event.connections);
    }
  }

  #setProxies(proxies: readonly Proxy[]): void {
    this.#proxies = proxies;
    this.isStale = false;
    const names = new Set(proxies.map(({ name }) => name));
    for (const map of [this.#sums, this.#rates, this.#roundTrips]) {
      for (const name of map.keys()) if (!names.has(name)) map.delete(name);
    }
    this.connections.keep((name) => names.has(name));
    for (const { name, enabled } of proxies) {
      const sums = this.#sums.get(name);
      if (sums) this.#sums.set(name, { ...sums, enabled });
    }
  }

  #addSums({ time, missed, proxies }: Sums): void {
    this.now = Date.parse(time);
    if (missed !== this.#missed) this.isStale = this.lacksClosed = true;
    this.#missed = missed;
    const known = new Set(this.#proxies.map(({ name }) => name));
    if (proxies.length !== known.size || proxies.some(({ name }) => !known.has(name))) {
      this.isStale = true;
    }
    for (const sums of proxies) {
      this.#sums.set(sums.name, sums);
      this.#ratesOf(sums.name).add(this.now, sums);
      this.#roundTripsOf(sums.name).add(this.now, sums.roundTrip);
    }
  }

  #addLine(event: LogEvent): void {
    const time = Date.parse(event.time);
    this.now = Math.max(this.now, time);
    if (MENDABLE.has(event.event)) this.isStale = true;
    this.connections.observe(time, event);
    this.lines.push(event);
    if (this.lines.length > 2 * MAX_LINES) this.lines.splice(0, this.lines.length - MAX_LINES);
  }

  #ratesOf(name: string): Rates {
    let rates = this.#rates.get(name);
    if (!rates) this.#rates.set(name, rates = new Rates());
    return rates;
  }

  #roundTripsOf(name: string): RoundTripSamples {
    let roundTrips = this.#roundTrips.get(name);
    if (!roundTrips) this.#roundTrips.set(name, roundTrips = new RoundTripSamples());
    return roundTrips;
  }
}
