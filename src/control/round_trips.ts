/**
 * The round trips of each proxy, as its clients see them: from the first byte or message that came
 * after the latest answer, to the first one of the next answer. They are measured at the side that
 * was accepted, outside of all faults, and only while somebody views them.
 */
import type { ConnectionRegistry } from "./connections.ts";
import type { ConnectionObserver } from "./side.ts";
import { TimeHistogram } from "./time_histogram.ts";

/** The round trips between two sums of `GET /events`; times are whole microseconds. */
export type RoundTripSummary =
  | { readonly count: 0 }
  | {
    readonly count: number;
    readonly p50: number;
    readonly p90: number;
    readonly p99: number;
    readonly max: number;
  };

const NONE: RoundTripSummary = { count: 0 };

export class RoundTrips {
  /** Those since the latest `turn`, by proxy. */
  readonly #current = new Map<string, TimeHistogram>();
  #latest: ReadonlyMap<string, RoundTripSummary> = new Map();

  constructor(private readonly connections: Pick<ConnectionRegistry, "watch">) {}

  /** Measures all proxies until the result is disposed of. */
  watch(): Disposable {
    const watching = this.connections.watch(({ proxy }) => this.#observer(proxy));
    return {
      [Symbol.dispose]: () => {
        watching[Symbol.dispose]();
        this.#current.clear();
        this.#latest = new Map();
      },
    };
  }

  /** Those between the latest two turns. */
  of(proxy: string): RoundTripSummary {
    return this.#latest.get(proxy) ?? NONE;
  }

  /** Ends an interval. */
  turn(): void {
    const latest = new Map<string, RoundTripSummary>();
    for (const [proxy, histogram] of this.#current) {
      if (histogram.total === 0) this.#current.delete(proxy);
      else latest.set(proxy, summaryOf(histogram));
      histogram.clear();
    }
    this.#latest = latest;
  }

  #observer(proxy: string): ConnectionObserver {
    let askedAt: number | undefined;
    return {
      received: (bytes, message) => {
        if (askedAt === undefined && (bytes.length > 0 || message)) askedAt = performance.now();
      },
      sending: () => {
        if (askedAt === undefined) return;
        this.#add(proxy, performance.now() - askedAt);
        askedAt = undefined;
      },
    };
  }

  #add(proxy: string, milliseconds: number): void {
    let histogram = this.#current.get(proxy);
    if (!histogram) this.#current.set(proxy, histogram = new TimeHistogram());
    histogram.add(milliseconds * 1000);
  }
}

function summaryOf(histogram: TimeHistogram): RoundTripSummary {
  const at = (percent: number) => histogram.at(percent);
  return { count: histogram.total, p50: at(50), p90: at(90), p99: at(99), max: at(100) };
}
