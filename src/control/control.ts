/** A control: a table of proxies, what is known of their connections, and the API to both. */
import type { Hono } from "hono";
import { onAbort } from "../core/abort.ts";
import type { Log } from "../core/log.ts";
import type { Recorder } from "../record/recorder.ts";
import type { Metrics } from "../relay/metrics.ts";
import type { RelayOptions, RelayParts } from "../relay/relay.ts";
import { type Admission, admissionOf } from "../setup/listen.ts";
import { makeApp } from "./app.ts";
import { ConnectionRegistry } from "./connections.ts";
import { EventFeed } from "./event_feed.ts";
import { History } from "./history.ts";
import { checkHttpAddress, type HttpServer, startHttpServer } from "./http_server.ts";
import { ControlMetrics } from "./metrics.ts";
import { addObservingRoutes } from "./observing_routes.ts";
import type { Proxy } from "./proxy.ts";
import { addPanelRoutes } from "./panel_routes.ts";
import { addProxyRoutes } from "./proxy_routes.ts";
import { ProxyTable } from "./proxy_table.ts";
import { Recordings } from "./recordings.ts";
import { addReplayRoutes } from "./replay_routes.ts";
import { Replays } from "./replays.ts";
import { RoundTrips } from "./round_trips.ts";
import { addToxicRoutes } from "./toxic_routes.ts";

export interface ControlContext {
  /** Options of all proxies. */
  readonly options: RelayOptions;
  readonly log: Log;
  readonly stop: AbortSignal;
  /** The same one gives the same faults; by chance where it is undefined. */
  readonly seed: number | undefined;
  readonly metrics?: Metrics;
  readonly recorder?: Recorder;
  readonly countClient?: RelayParts["countClient"];
}

/** Where the API is, and who may use it. */
export interface ControlAddress {
  readonly text: string;
  /** The option or operand that names the address, for messages. */
  readonly subject: string;
  readonly token: string | undefined;
}

export class Control {
  readonly table: ProxyTable;
  readonly #app: Hono = makeApp();
  readonly #history: History;
  readonly #serving = new Set<Promise<void>>();
  readonly #failed = Promise.withResolvers<never>();

  private constructor(
    private readonly address: ControlAddress,
    private readonly context: ControlContext,
    connections: ConnectionRegistry,
    admission: Admission,
  ) {
    const history = this.#history = new History(connections);
    const roundTrips = new RoundTrips(connections);
    const sums = (proxy: Proxy) => ({ ...summary(proxy), roundTrip: roundTrips.of(proxy.name) });
    const logsSteps = context.log.enabled("debug");
    const sources = { connections, logsSteps, history, roundTrips };
    const events = new EventFeed(() => this.table.list().map(sums), sources);
    const metrics = new ControlMetrics(() => connections.sums());
    const recordings = new Recordings(connections, history);
    const log = context.log.observed((event) => {
      history.observe(event);
      events.observe(event);
      metrics.observe(event);
    });
    const onServing = (serving: Promise<void>) => this.#follow(serving);
    const onRemoved = (proxy: string) => {
      recordings.removed(proxy);
      history.removed(proxy);
    };
    const shared = { ...context, log, admission, connections, onServing, onRemoved };
    this.table = new ProxyTable(shared, context.seed ?? randomSeed());
    const proxies = () => this.table.list().map(({ info }) => info);
    addPanelRoutes(this.#app);
    addProxyRoutes(this.#app, this.table);
    addToxicRoutes(this.#app, this.table);
    const observed = { connections, history, events, metrics, recordings, proxies };
    addObservingRoutes(this.#app, observed);
    addReplayRoutes(this.#app, this.table, new Replays(log), context.options);
    this.#failed.promise.catch(() => {}); // `over` may not have been called yet.
  }

  /**
   * Makes a control without proxies. Rejects with a `UsageError` for an address that its API can't
   * have, and for lists that can't be read.
   */
  static async make(address: ControlAddress, context: ControlContext): Promise<Control> {
    const { options, log, stop } = context;
    checkHttpAddress(address.text, { ...address, tls: undefined });
    const admission = await admissionOf(options, log, stop);
    return new Control(address, context, new ConnectionRegistry(), admission);
  }

  /** All addresses on which proxies listen. */
  get addresses(): string[] {
    return this.table.list().flatMap(({ addresses }) => addresses);
  }

  /** Serves the API until the result is disposed of. Rejects as `startHttpServer` does. */
  async listen(): Promise<HttpServer> {
    const { text, subject, token } = this.address;
    const { options, log } = this.context;
    const { allowOrigin = [], handshakeTimeout, socketMode } = options;
    const serverOptions = { log, subject, token, allowOrigin, handshakeTimeout, socketMode };
    const fetch = async (request: Request) => await this.#app.fetch(request);
    return await startHttpServer(text, fetch, { ...serverOptions, tls: undefined });
  }

  /**
   * Resolves when `stop` has aborted; `server` is then disposed of, and every connection over.
   * Rejects with a `LocalError` of a connection, which ends the command.
   */
  async over(server: AsyncDisposable): Promise<void> {
    const { stop } = this.context;
    const stopped = Promise.withResolvers<void>();
    using _ = onAbort(stop, stopped.resolve);
    await Promise.race([stopped.promise, this.#failed.promise]);
    await server[Symbol.asyncDispose]();
    while (this.#serving.size > 0) await Promise.all(this.#serving);
    this.#history[Symbol.dispose]();
  }

  #follow(serving: Promise<void>): void {
    const followed = serving.catch(this.#failed.reject).finally(() => {
      this.#serving.delete(followed);
    });
    this.#serving.add(followed);
  }
}

/** A proxy as the sums of `GET /events` show it. */
function summary({ name, enabled, sums }: Proxy) {
  return { name, enabled, ...sums };
}

function randomSeed(): number {
  return Math.floor(Math.random() * 2 ** 31);
}
