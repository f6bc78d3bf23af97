/** `GET /metrics`: coax's metrics of each proxy, and toxiproxy's names for the same. */
import type { Event } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import { type Family, formatSamples, type Labels, Metrics, type Sample } from "../relay/metrics.ts";
import type { Sums } from "./side.ts";

/** A proxy as the labels of its metrics name it. */
export interface LabelledProxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}

const RECEIVED: Family = {
  name: "toxiproxy_proxy_received_bytes_total",
  type: "counter",
  help: "Bytes received: from clients (upstream) or from targets (downstream).",
};
const SENT: Family = {
  name: "toxiproxy_proxy_sent_bytes_total",
  type: "counter",
  help: "Bytes sent: to targets (upstream) or to clients (downstream).",
};
/** The media type of Prometheus' text format. */
const CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Counts the events of all proxies, beside what their connections count. */
export class ControlMetrics {
  readonly #counted = new Map<string, { readonly sums: Sums; readonly metrics: Metrics }>();

  /** @param sums What the connections of each proxy have counted. */
  constructor(private readonly sums: () => ReadonlyMap<string, Sums>) {}

  /** Counts an event of the log, whose field `proxy` names the proxy. */
  observe(event: Event): void {
    const { proxy } = event;
    const sums = typeof proxy === "string" ? this.sums().get(proxy) : undefined;
    if (sums) this.#of(proxy as string, sums).observe(event);
  }

  /** Answers `GET /metrics`. */
  answer(proxies: Iterable<LabelledProxy>): Response {
    const samples = [...proxies].flatMap((proxy) => this.#samples(proxy));
    const headers = { "Content-Type": CONTENT_TYPE };
    return new Response(formatSamples(samples), { headers });
  }

  #samples({ name, listen, upstream }: LabelledProxy): Sample[] {
    const sums = this.sums().get(name);
    if (!sums) return [];
    const named = { listener: maskSecrets(listen), proxy: name, upstream: maskSecrets(upstream) };
    const one = (family: Family, direction: string, value: number): Sample => {
      const labels: Labels = { direction, ...named };
      return { family, labels, value };
    };
    return [
      ...this.#of(name, sums).samples({ proxy: name }),
      one(RECEIVED, "upstream", sums.received),
      one(RECEIVED, "downstream", sums.receivedFromTarget),
      one(SENT, "upstream", sums.sentToTarget),
      one(SENT, "downstream", sums.sent),
    ];
  }

  /** The counters of a proxy; a new one of the same name, with sums of its own, begins anew. */
  #of(name: string, sums: Sums): Metrics {
    const known = this.#counted.get(name);
    if (known?.sums === sums) return known.metrics;
    for (const other of this.#counted.keys()) {
      if (!this.sums().has(other)) this.#counted.delete(other);
    }
    const metrics = new Metrics([], sums);
    this.#counted.set(name, { sums, metrics });
    return metrics;
  }
}
