/** One proxy: a relay that can be stopped, moved and started again, with the toxics on it. */
import type { Address } from "../address/address.ts";
import { TimeoutError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { withTimeout } from "../core/time.ts";
import type { Toxics, ToxicSpec } from "../faults/mod.ts";
import type { Recorder } from "../record/recorder.ts";
import { destinationOf, expectsHeader } from "../relay/connections.ts";
import { refuseLoop } from "../relay/loop.ts";
import type { Destination } from "../relay/destination.ts";
import type { Metrics } from "../relay/metrics.ts";
import type { RelayObserver } from "../relay/observer.ts";
import { Relay, type RelayOptions, type RelayParts } from "../relay/relay.ts";
import { type Admission, type BoundListeners, listenOn } from "../setup/listen.ts";
import { isSamePlace, shownListen, withPortOf } from "./addresses.ts";
import type { ConnectionRegistry } from "./connections.ts";
import type { Sums } from "./side.ts";

/** What all proxies of a control share. */
export interface ProxyContext {
  readonly options: RelayOptions;
  readonly log: Log;
  readonly stop: AbortSignal;
  readonly admission: Admission;
  readonly connections: ConnectionRegistry;
  readonly metrics?: Metrics;
  readonly recorder?: Recorder;
  readonly countClient?: RelayParts["countClient"];
  /** Gets the serving of each relay, which rejects where the whole command has to end. */
  readonly onServing: (serving: Promise<void>) => void;
  /** Called when a proxy is removed. */
  readonly onRemoved: (proxy: string) => void;
}

/** Where a proxy listens, and where it leads to. */
export interface Route {
  readonly listen: Address;
  /** The target; several only for a relay of the command line. */
  readonly to: readonly string[];
}

/** A proxy as the API shows it. */
export interface ProxyInfo {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
  readonly enabled: boolean;
  readonly toxics: readonly ToxicInfo[];
}

export type ToxicInfo = Pick<ToxicSpec, "attributes" | "name" | "type" | "stream" | "toxicity">;

/** Time for binding, which may have to resolve a name, milliseconds. */
const LISTEN_TIMEOUT = 10_000;

export class Proxy {
  #route: Route;
  /** The address of `#route` as it is shown. */
  #shown: string;
  #relay: Relay | undefined;
  #bound: readonly string[] = [];
  readonly #observer: RelayObserver & { readonly sums: Sums };
  readonly #log: Log;

  constructor(
    readonly name: string,
    route: Route,
    readonly toxics: Toxics,
    private readonly context: ProxyContext,
  ) {
    this.#route = route;
    this.#shown = route.listen.text;
    this.#log = context.log.with({ proxy: name });
    this.#observer = context.connections.observerOf(name, {
      upstream: () => this.upstream,
      toxicsOf: (order) => [
        ...toxics.drawn(order, "upstream"),
        ...toxics.drawn(order, "downstream"),
      ],
    });
  }

  get enabled(): boolean {
    return this.#relay !== undefined;
  }

  /** All addresses on which it listens, as the log tells them. */
  get addresses(): readonly string[] {
    return this.enabled ? this.#bound : [];
  }

  /** What its connections count. */
  get sums(): Sums {
    return this.#observer.sums;
  }

  get route(): Route {
    return this.#route;
  }

  get upstream(): string {
    return this.#route.to.join(" ");
  }

  get info(): ProxyInfo {
    return {
      name: this.name,
      listen: this.#shown,
      upstream: this.upstream,
      enabled: this.enabled,
      toxics: this.toxics.list().map(toxicInfo),
    };
  }

  /** Whether it listens there and leads there already. */
  hasRoute({ listen, to }: Route): boolean {
    return isSamePlace(listen, this.#route.listen) && to.join(" ") === this.upstream;
  }

  /** Changes a stopped proxy's route. */
  move(route: Route): void {
    if (!isSamePlace(route.listen, this.#route.listen)) this.#shown = route.listen.text;
    this.#route = route;
  }

  /** Listens and serves, unless it does. Rejects with a `CoaxError`, and stays stopped then. */
  async start(): Promise<void> {
    if (this.#relay) return;
    const { options, stop, metrics, recorder, countClient, onServing } = this.context;
    const { listen: from, to } = this.#route;
    const destination = await destinationOf(to, options);
    const own = { log: this.#log, toxics: this.toxics, observer: this.#observer };
    const parts = { from, to, destination, options, stop, metrics, recorder, countClient, ...own };
    const relay = await Relay.make(parts);
    const bound = await this.#listen(destination);
    refuseLoop(bound, destination);
    this.#bound = bound.listeners.flatMap((listener) => listener.addresses);
    this.#route = { listen: withPortOf(from, this.#bound[0]!), to };
    this.#shown = shownListen(from, this.#bound);
    this.#relay = relay;
    onServing(relay.serve(bound).finally(() => this.#ended(relay)));
  }

  /** Stops listening and closes all connections, which it doesn't wait for. */
  async stop(): Promise<void> {
    const relay = this.#relay;
    this.#relay = undefined;
    await relay?.close();
  }

  /** Adds a toxic, which acts at once. */
  addToxic(toxic: ToxicSpec): void {
    this.toxics.add(toxic);
    this.#tell("toxic-added", toxic);
  }

  /** Changes a toxic at once, on open connections too. */
  updateToxic(name: string, change: Parameters<Toxics["update"]>[1]): void {
    this.toxics.update(name, change);
    this.#tell("toxic-updated", this.toxics.get(name)!);
  }

  /** Removes a toxic; what waits in it is passed on. */
  removeToxic(name: string): void {
    this.toxics.remove(name);
    this.#log.info("toxic-removed", `${this.name}: toxic ${name} is removed`, { toxic: name });
  }

  #tell(event: string, { name, type, stream, toxicity, attributes }: ToxicSpec): void {
    const settings = Object.entries({ ...attributes, toxicity }).map((pair) => pair.join("="));
    const text = `${this.name}: ${stream} ${type} ${name}: ${settings.join(", ")}`;
    this.#log.info(event, text, { toxic: name, kind: type, stream });
  }

  async #listen({ answersUpgrades: deferred }: Destination): Promise<BoundListeners> {
    const { options, stop, admission } = this.context;
    const { listen } = this.#route;
    const proxyProtocol = expectsHeader(options);
    const perCommand = { proxyProtocol, deferred };
    const listening = listenOn([listen], admission, options, this.#log, stop, perCommand);
    const late = () =>
      new TimeoutError("listen", listen.text, `no address within ${LISTEN_TIMEOUT / 1000} s`);
    const listeners = await withTimeout(listening, LISTEN_TIMEOUT, late, (bound) => {
      for (const listener of bound) listener.close();
    });
    return { listeners, ...admission };
  }

  #ended(relay: Relay): void {
    if (this.#relay === relay) this.#relay = undefined;
  }
}

/** The fields of a toxic in toxiproxy's order. */
export function toxicInfo({ attributes, name, type, stream, toxicity }: ToxicSpec): ToxicInfo {
  return { attributes, name, type, stream, toxicity };
}
