/** A relay's metrics in Prometheus' text format (prometheus.io, "Exposition formats", 0.0.4). */
import type { Event } from "../core/log.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { Observer } from "../wrap/tap.ts";

/** Names of errors, by their exit status. */
const ERROR_KINDS: Readonly<Record<number, string>> = {
  1: "broken",
  3: "resolve",
  4: "unavailable",
  5: "timeout",
  6: "tls",
  7: "refused",
  8: "websocket",
  10: "local",
};

/** A metric's name, type and help. */
export interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge";
  readonly help: string;
}

const family = (name: string, type: Family["type"], help: string): Family => ({ name, type, help });

const CONNECTIONS = family("coax_connections_total", "counter", "Connections accepted.");
const ACTIVE = family("coax_connections_active", "gauge", "Connections open now.");
const RECEIVED = family(
  "coax_received_bytes_total",
  "counter",
  "Bytes received from the peers that connected.",
);
const SENT = family(
  "coax_sent_bytes_total",
  "counter",
  "Bytes sent to the peers that connected.",
);
const ERRORS = family("coax_errors_total", "counter", "Connections that ended with an error.");
const DROPPED = family(
  "coax_queue_dropped_total",
  "counter",
  "Datagrams dropped because a queue was full.",
);
const FAULTS = family("coax_faults_total", "counter", "Faults injected.");
const UP = family(
  "coax_target_up",
  "gauge",
  "Whether the last attempt to connect to a target succeeded.",
);

/** Names and values of a sample's labels. */
export type Labels = Readonly<Record<string, string>>;

/** One value of a metric. */
export interface Sample {
  readonly family: Family;
  readonly labels: Labels;
  readonly value: number;
}

/** What a relay's connections have counted. */
export interface Traffic {
  /** Connections accepted. */
  connections: number;
  /** Connections open now. */
  active: number;
  /** Bytes received from the peers that connected. */
  received: number;
  /** Bytes sent to them. */
  sent: number;
}

/** The counters of one relay. */
export class Metrics {
  /** Errors by kind, faults by kind, and targets by name. */
  readonly #errors = new Map<string, number>();
  readonly #faults = new Map<string, number>();
  readonly #up = new Map<string, number>();
  #dropped = 0;
  /** Label values of targets, by their addresses. */
  readonly #names = new Map<string, string>();

  /**
   * @param targets Addresses of all targets, which count as up until an attempt fails.
   * @param traffic What is shown of connections and bytes; `connection` counts in it, or others.
   */
  constructor(
    targets: readonly string[],
    private readonly traffic: Traffic = { connections: 0, active: 0, received: 0, sent: 0 },
  ) {
    for (const target of targets) this.#up.set(this.#nameOf(target), 1);
  }

  /** A target's address with its secrets masked, and a number where others look the same. */
  #nameOf(target: string): string {
    const known = this.#names.get(target);
    if (known !== undefined) return known;
    const masked = maskSecrets(target);
    const alike = [...this.#names.keys()].filter((other) => maskSecrets(other) === masked).length;
    const name = alike === 0 ? masked : `${masked} (${alike + 1})`;
    this.#names.set(target, name);
    return name;
  }

  /** Counts an accepted connection. The observer counts its bytes until it is closed. */
  connection(): Observer {
    const { traffic } = this;
    traffic.connections++;
    traffic.active++;
    return {
      received: (bytes) => traffic.received += bytes.length,
      sent: (bytes) => traffic.sent += bytes.length,
      closed: () => traffic.active--,
    };
  }

  /** Counts an event of the log, written or not. */
  observe({ event, status, kind, count, address }: Event): void {
    switch (event) {
      case "failed":
        return add(this.#errors, ERROR_KINDS[Number(status)] ?? "other");
      case "dropped":
        this.#dropped += Number(count);
        return;
      case "fault":
        return add(this.#faults, String(kind));
      case "target-down":
      case "target-up":
        this.#up.set(this.#nameOf(String(address)), event === "target-up" ? 1 : 0);
    }
  }

  /** All values, with `labels` before those of their own. */
  samples(labels: Labels = {}): Sample[] {
    const { connections, active, received, sent } = this.traffic;
    const one = (family: Family, value: number): Sample => ({ family, labels, value });
    const each = (family: Family, label: string, values: ReadonlyMap<string, number>) =>
      [...values].map(([name, value]) => ({ family, labels: { ...labels, [label]: name }, value }));
    return [
      one(CONNECTIONS, connections),
      one(ACTIVE, active),
      one(RECEIVED, received),
      one(SENT, sent),
      ...each(ERRORS, "kind", this.#errors),
      one(DROPPED, this.#dropped),
      ...each(FAULTS, "kind", this.#faults),
      ...each(UP, "target", this.#up),
    ];
  }

  /** Formats all metrics. */
  render(): string {
    return formatSamples(this.samples());
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

/** The families of a relay, which are shown where they have no sample, too. */
const FAMILIES = [CONNECTIONS, ACTIVE, RECEIVED, SENT, ERRORS, DROPPED, FAULTS, UP];

/** Formats samples, each family's together, after those of a relay the ones that only they have. */
export function formatSamples(samples: readonly Sample[]): string {
  const families = new Set([...FAMILIES, ...samples.map(({ family }) => family)]);
  const byFamily = Map.groupBy(samples, ({ family }) => family);
  return [...families].map((family) => {
    const { name, type, help } = family;
    const lines = (byFamily.get(family) ?? []).map(({ labels, value }) =>
      `${name}${formatLabels(labels)} ${value}\n`
    );
    return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
  }).join("");
}

function formatLabels(labels: Labels): string {
  const escaped = (value: string) =>
    value.replace(/[\\"\n]/g, (c) => c === "\n" ? "\\n" : `\\${c}`);
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}
