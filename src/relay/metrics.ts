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

/** One metric, with its samples by their formatted labels. */
class Metric {
  readonly #samples = new Map<string, number>();

  constructor(
    private readonly name: string,
    private readonly type: "counter" | "gauge",
    private readonly help: string,
    private readonly label?: string,
  ) {
    if (!label) this.#samples.set("", 0);
  }

  add(amount: number, value?: string): void {
    const key = this.#key(value);
    this.#samples.set(key, (this.#samples.get(key) ?? 0) + amount);
  }

  set(amount: number, value?: string): void {
    this.#samples.set(this.#key(value), amount);
  }

  #key(value: string | undefined): string {
    if (!this.label || value === undefined) return "";
    return `{${this.label}="${value.replace(/[\\"\n]/g, (c) => c === "\n" ? "\\n" : `\\${c}`)}"}`;
  }

  toString(): string {
    const samples = [...this.#samples].map(([labels, n]) => `${this.name}${labels} ${n}\n`);
    return `# HELP ${this.name} ${this.help}\n# TYPE ${this.name} ${this.type}\n${
      samples.join("")
    }`;
  }
}

/** The counters of one command. */
export class Metrics {
  readonly #connections = new Metric("coax_connections_total", "counter", "Connections accepted.");
  readonly #active = new Metric("coax_connections_active", "gauge", "Connections open now.");
  readonly #received = new Metric(
    "coax_received_bytes_total",
    "counter",
    "Bytes received from the peers that connected.",
  );
  readonly #sent = new Metric(
    "coax_sent_bytes_total",
    "counter",
    "Bytes sent to the peers that connected.",
  );
  readonly #errors = new Metric(
    "coax_errors_total",
    "counter",
    "Connections that ended with an error.",
    "kind",
  );
  readonly #dropped = new Metric(
    "coax_queue_dropped_total",
    "counter",
    "Datagrams dropped because a queue was full.",
  );
  readonly #faults = new Metric("coax_faults_total", "counter", "Faults injected.", "kind");
  readonly #up = new Metric(
    "coax_target_up",
    "gauge",
    "Whether the last attempt to connect to a target succeeded.",
    "target",
  );

  /** Label values of targets, by their addresses. */
  readonly #names = new Map<string, string>();

  /** @param targets Addresses of all targets, which count as up until an attempt fails. */
  constructor(targets: readonly string[]) {
    for (const target of targets) this.#up.set(1, this.#nameOf(target));
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
    this.#connections.add(1);
    this.#active.add(1);
    return {
      received: (bytes) => this.#received.add(bytes.length),
      sent: (bytes) => this.#sent.add(bytes.length),
      closed: () => this.#active.add(-1),
    };
  }

  /** Counts an event of the log, written or not. */
  observe({ event, status, kind, count, address }: Event): void {
    switch (event) {
      case "failed":
        return this.#errors.add(1, ERROR_KINDS[Number(status)] ?? "other");
      case "dropped":
        return this.#dropped.add(Number(count));
      case "fault":
        return this.#faults.add(1, String(kind));
      case "target-down":
      case "target-up":
        return this.#up.set(event === "target-up" ? 1 : 0, this.#nameOf(String(address)));
    }
  }

  /** Formats all metrics. */
  render(): string {
    return [
      this.#connections,
      this.#active,
      this.#received,
      this.#sent,
      this.#errors,
      this.#dropped,
      this.#faults,
      this.#up,
    ].join("");
  }
}
