/** `--metrics`: a small HTTP server beside a relay, and what it tells. */
import { type Address, formatHostPort, parseAddress } from "../address/address.ts";
import type { Duplex } from "../core/duplex.ts";
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { serve } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isLoopback } from "../address/ip.ts";
import type { Metrics } from "./metrics.ts";
import { listen } from "../transports/mod.ts";
import { warnIfWide } from "../setup/listen.ts";
import type { serving } from "../options/groups.ts";
import type { relaying } from "./options.ts";

interface MeterContext {
  readonly log: Log;
  readonly stop: AbortSignal;
  readonly options: Pick<
    OptionsOf<typeof relaying & typeof serving>,
    "metrics" | "allowOrigin" | "socketMode" | "handshakeTimeout" | "grace"
  >;
}

/** Scrapers are few; more than this at once are something else. */
const MOST_SCRAPERS = 64;

/**
 * Serves metrics where `--metrics` says, if it does, for as long as the relay runs. Rejects with an
 * `UnavailableError`, or a `UsageError` for an address that isn't TCP.
 */
export async function startMeter(
  targets: readonly Address[],
  { options, log, stop }: MeterContext,
): Promise<Metrics | undefined> {
  if (options.metrics === undefined) return undefined;
  const address = parseAddress(options.metrics);
  if (address.scheme !== "tcp") {
    throw new UsageError(`--metrics "${address.text}"`, "expected a TCP address");
  }
  const { Metrics } = await import("./metrics.ts");
  const { answerScrape } = await import("./metrics_page.ts");
  const metrics = new Metrics(targets.map(({ text }) => text));
  const { allowOrigin: allowed = [], socketMode, handshakeTimeout: timeout } = options;
  const listeners = await listen(address, {
    log,
    proxyProtocol: false,
    admit: undefined,
    socketMode,
    idleTimeout: undefined,
    handshakeTimeout: timeout,
    ws: undefined,
    tls: undefined,
  });
  const bound = listeners.flatMap((listener) => listener.addresses);
  const hosts = bound.map((shown) => parseAddress(shown) as Extract<Address, { port: number }>);
  const rule = { loopback: hosts.every(({ host }) => isLoopback(host)), allowed };
  for (const { host, port } of hosts) {
    const url = formatHostPort("http", host, port, "/metrics");
    log.info("metrics", `metrics on ${url}`, { address: url });
  }
  warnIfWide(bound, log, "read the metrics");
  serve(
    listeners,
    ({ end }) => answerScrape(end as Duplex, () => metrics.render(), { rule, timeout }),
    {
      log: log.with({ address: bound[0] }),
      stop,
      grace: 0,
      maxConnections: MOST_SCRAPERS,
      maxPerPeer: undefined,
      admit: undefined,
      held: undefined,
      handshake: true,
    },
  );
  return metrics;
}
