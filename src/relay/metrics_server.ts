/** `--metrics`: a small HTTP server beside a relay. */
import { type Address, formatHostPort, parseAddress } from "../address/address.ts";
import type { Duplex } from "../core/duplex.ts";
import { reasonOf, UsageError } from "../core/errors.ts";
import type { Listener } from "../core/listener.ts";
import type { Log } from "../core/log.ts";
import { serve, type ServeOptions } from "../core/serve.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { isLoopback } from "../address/ip.ts";
import type { Metrics } from "./metrics.ts";
import { listen } from "../transports/mod.ts";
import { PLAIN_LISTENER } from "../transports/options.ts";
import { warnIfWide } from "../setup/listen.ts";
import type { listenerFlags } from "../options/groups.ts";
import type { relayFlags } from "./options.ts";

interface MeterContext {
  readonly log: Log;
  readonly stop: AbortSignal;
  readonly options: Pick<
    OptionsOf<typeof relayFlags & typeof listenerFlags>,
    "metrics" | "allowOrigin" | "socketMode" | "handshakeTimeout"
  >;
}

/** Metrics that are served over HTTP until it is disposed of. */
interface Meter extends AsyncDisposable {
  readonly metrics: Metrics;
}

/** Connections of scrapers that may be open at once. */
const MAX_SCRAPERS = 64;

/**
 * Serves metrics where `--metrics` says, if it does. Rejects with an `UnavailableError`, or a
 * `UsageError` for an address that isn't TCP.
 */
export async function startMeter(
  targets: readonly Address[],
  { options, log, stop }: MeterContext,
): Promise<Meter | undefined> {
  if (options.metrics === undefined) return undefined;
  const { Metrics } = await import("./metrics.ts");
  const { answerScrape } = await import("./metrics_page.ts");
  const metrics = new Metrics(targets.map(({ text }) => text));
  const { allowOrigin: allowed = [], handshakeTimeout: timeout } = options;
  const listeners = await listenForScrapers(options.metrics, options, log);
  const bound = listeners.flatMap((listener) => listener.addresses);
  const hosts = bound.map((shown) => parseAddress(shown) as Extract<Address, { port: number }>);
  const rule = { loopback: hosts.every(({ host }) => isLoopback(host)), allowed };
  for (const { host, port } of hosts) {
    const url = formatHostPort("http", host, port, "/metrics");
    log.info("metrics", `metrics on ${url}`, { address: url });
  }
  warnIfWide(bound, log, "read the metrics");
  const answer = (connection: Duplex) =>
    answerScrape(connection, () => metrics.render(), { rule, timeout });
  return { metrics, ...serveScrapers(listeners, answer, log.with({ address: bound[0] }), stop) };
}

async function listenForScrapers(
  text: string,
  { socketMode, handshakeTimeout }: MeterContext["options"],
  log: Log,
): Promise<Listener[]> {
  const address = parseAddress(text);
  if (address.scheme !== "tcp") {
    throw new UsageError(`--metrics "${address.text}"`, "expected a TCP address");
  }
  return await listen(address, { ...PLAIN_LISTENER, log, socketMode, handshakeTimeout });
}

/** Serves until it is disposed of, or `stop` aborts. A failure is logged. */
export function serveScrapers(
  listeners: readonly Listener[],
  answer: (connection: Duplex) => Promise<void>,
  log: Log,
  stop: AbortSignal,
): AsyncDisposable {
  const over = new AbortController();
  const options: ServeOptions = {
    log,
    stop: AbortSignal.any([stop, over.signal]),
    grace: 0,
    maxConnections: MAX_SCRAPERS,
    limitName: `the metrics' limit of ${MAX_SCRAPERS} connections`,
    maxPerPeer: undefined,
    admit: undefined,
    held: undefined,
    handshake: true,
    unnumbered: true,
  };
  const done = serve(listeners, ({ connection }) => answer(connection as Duplex), options).catch(
    (error) => {
      log.error("failed", `metrics are told no more: ${reasonOf(error)}`, {
        error: reasonOf(error),
      });
    },
  );
  return {
    [Symbol.asyncDispose]: async () => {
      over.abort();
      await done;
    },
  };
}
