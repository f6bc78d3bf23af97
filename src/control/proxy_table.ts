/** The proxies of one control: made, changed, stopped and removed while it runs. */
import { Toxics, type ToxicSpec } from "../faults/mod.ts";
import { HttpError } from "../http/http_error.ts";
import { checkOptions, checkToxic, routeOf } from "./checks.ts";
import { parseListen } from "./addresses.ts";
import { Proxy, type ProxyContext, type ProxyInfo, type Route } from "./proxy.ts";
import { ofProxy, type ProxyChange, type ProxySpec } from "./proxy_spec.ts";

/** A proxy to make, whose parts have been checked. */
export interface ProxyPlan {
  readonly name: string;
  readonly route: Route;
  readonly enabled: boolean;
  readonly toxics: readonly ToxicSpec[];
}

/** A list of proxies of which one couldn't be started. */
export class PopulateError extends Error {
  /** @param made Those before it, which stay. */
  constructor(readonly made: readonly ProxyInfo[], override readonly cause: unknown) {
    super("not all proxies could be made", { cause });
  }
}

/**
 * Changes to one proxy wait for one another, and for nothing else: neither for a peer nor for a
 * target. Each resolves with the proxy as it has left it. Methods reject with an `HttpError`, or
 * with the `CoaxError` for which a proxy can't be started.
 */
export class ProxyTable {
  readonly #proxies = new Map<string, Proxy>();
  /** The last change of each name, as long as it is under way. */
  readonly #changes = new Map<string, Promise<void>>();

  /** @param seed The same one gives the same draws of toxics. */
  constructor(private readonly context: ProxyContext, private readonly seed: number) {}

  /** All proxies, in the order in which they were made. */
  list(): Proxy[] {
    return [...this.#proxies.values()];
  }

  /** The proxy of that name. Throws an `HttpError` where there is none. */
  get(name: string): Proxy {
    const proxy = this.#proxies.get(name);
    if (!proxy) throw new HttpError(404, "proxy not found");
    return proxy;
  }

  /** Makes a proxy, with its toxics from its first connection on. */
  async create(spec: ProxySpec): Promise<ProxyInfo> {
    return await this.add(this.#planOf(spec));
  }

  /** Makes a proxy as planned; `toxics` are those of the plan, where they exist already. */
  add(plan: ProxyPlan, toxics?: Toxics): Promise<ProxyInfo> {
    return this.#exclusively(plan.name, async () => {
      if (this.#proxies.has(plan.name)) throw new HttpError(409, "proxy already exists");
      return (await this.#make(plan, toxics)).info;
    });
  }

  /**
   * Changes a proxy. Another address closes its connections, and it stays down where it can't
   * listen there; the same one in another spelling changes nothing.
   */
  update(name: string, change: ProxyChange): Promise<ProxyInfo> {
    return this.#exclusively(name, async () => {
      const proxy = this.get(name);
      const { enabled = proxy.enabled } = change;
      const route = this.#changedRoute(proxy, change);
      const moved = !proxy.hasRoute(route);
      if (moved || !enabled) await proxy.stop();
      if (moved) proxy.move(route);
      if (enabled) await proxy.start();
      const { info } = proxy;
      const state = enabled ? `leads ${info.listen} to ${info.upstream}` : "is disabled";
      this.#log("proxy-updated", name, `proxy ${name} ${state}`);
      return info;
    });
  }

  /** Removes a proxy, and closes its connections. */
  delete(name: string): Promise<void> {
    return this.#exclusively(name, async () => {
      await this.get(name).stop();
      this.#proxies.delete(name);
      this.context.connections.forget(name);
      this.context.onRemoved(name);
      this.#log("proxy-removed", name, `proxy ${name} is removed`);
    });
  }

  /**
   * Makes proxies one after the other, once all are checked but for where they listen. One with the
   * name and the addresses of an existing one leaves that as it is, but for toxics that it names;
   * any other replaces it. Rejects with a `PopulateError` for the first that can't be started.
   */
  async populate(specs: readonly ProxySpec[]): Promise<ProxyInfo[]> {
    const plans = specs.map((spec, i) => this.#planOrFailure(spec, i));
    const made: ProxyInfo[] = [];
    for (const plan of plans) {
      try {
        if (plan instanceof HttpError) throw plan;
        made.push(await this.#exclusively(plan.name, async () => (await this.#replace(plan)).info));
      } catch (error) {
        throw new PopulateError(made, error);
      }
    }
    return made;
  }

  /** Starts every disabled proxy and removes all toxics, up to the first that can't be started. */
  async reset(): Promise<void> {
    for (const proxy of this.list()) {
      await this.#exclusively(proxy.name, async () => {
        if (this.#proxies.get(proxy.name) !== proxy) return;
        await proxy.start();
        proxy.toxics.clear();
      });
    }
    this.context.log.info("reset", "all proxies are enabled, without toxics");
  }

  async #replace(plan: ProxyPlan): Promise<Proxy> {
    const existing = this.#proxies.get(plan.name);
    if (!existing?.hasRoute(plan.route)) {
      await existing?.stop();
      return await this.#make(plan);
    }
    if (plan.toxics.length > 0) {
      existing.toxics.clear();
      for (const toxic of plan.toxics) existing.toxics.add(toxic);
    }
    return existing;
  }

  async #make({ name, route, enabled, toxics: specs }: ProxyPlan, given?: Toxics): Promise<Proxy> {
    const toxics = given ?? new Toxics(seedOf(this.seed, name));
    for (const spec of specs) toxics.add(spec);
    const proxy = new Proxy(name, route, toxics, this.context);
    try {
      if (enabled) await proxy.start();
    } catch (error) {
      this.#keepSums(name);
      throw error;
    }
    this.#proxies.set(name, proxy);
    const { listen, upstream } = proxy.info;
    this.#log("proxy-created", name, `proxy ${name} leads ${listen} to ${upstream}`);
    return proxy;
  }

  /** Counts for the proxy that there is, when another one couldn't take its place. */
  #keepSums(name: string): void {
    const { connections } = this.context;
    const existing = this.#proxies.get(name);
    if (existing) connections.restore(name, existing.sums);
    else connections.forget(name);
  }

  #planOf({ name, listen, upstream, enabled, toxics }: ProxySpec): ProxyPlan {
    const route = routeOf(listen, upstream, this.context.options);
    for (const toxic of toxics) checkToxic(route, toxic);
    return { name, route, enabled, toxics };
  }

  /** A plan; or why it can't listen there, which concerns none of those before it. */
  #planOrFailure(spec: ProxySpec, index: number): ProxyPlan | HttpError {
    try {
      return this.#planOf(spec);
    } catch (error) {
      if (error instanceof HttpError && error.status === 500) return error;
      return ofProxy(index, () => {
        throw error;
      });
    }
  }

  #changedRoute(proxy: Proxy, { listen, upstream }: ProxyChange): Route {
    const { route, toxics } = proxy;
    const changed = {
      listen: listen === undefined ? route.listen : parseListen(listen),
      to: upstream === undefined || upstream === proxy.upstream ? route.to : [upstream],
    };
    if (proxy.hasRoute(changed)) return route;
    if (changed.to !== route.to) routeOf(changed.listen.text, upstream!, this.context.options);
    else checkOptions(changed, this.context.options);
    for (const toxic of toxics.list()) checkToxic(changed, toxic);
    return changed;
  }

  /** Runs a change of one proxy after those that are under way. */
  async #exclusively<T>(name: string, change: () => Promise<T>): Promise<T> {
    const running = (this.#changes.get(name) ?? Promise.resolve()).then(change);
    const over = running.then(() => {}, () => {});
    this.#changes.set(name, over);
    try {
      return await running;
    } finally {
      if (this.#changes.get(name) === over) this.#changes.delete(name);
    }
  }

  #log(event: string, proxy: string, text: string): void {
    this.context.log.info(event, text, { proxy });
  }
}

/** A seed of each proxy's own, or all would draw the same: FNV-1a of the name, 32 bits. */
function seedOf(seed: number, name: string): number {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(name)) hash = Math.imul(hash ^ byte, 0x01000193);
  return (seed + hash) >>> 0;
}
