/** The registry of open connections: who is connected through which proxy, and what it does. */
import { SessionOverError } from "../core/errors.ts";
import type { RelayObserver } from "../relay/observer.ts";
import type { Sums } from "./side.ts";
import {
  type ConnectionInfo,
  type ProxyFacts,
  TrackedConnection,
  type Viewer,
} from "./tracked_connection.ts";

/**
 * A place in the registry. `connection` is cleared when it is over: an item deleted from a map may
 * stay in memory until the next full garbage collection.
 */
interface Place {
  connection?: TrackedConnection;
}

export class ConnectionRegistry {
  #lastId = 0;
  readonly #open = new Map<number, Place>();
  readonly #sums = new Map<string, Sums>();
  readonly #viewers = new Set<Viewer>();

  /** The open connections, in the order in which they came: all, or those of one proxy. */
  list(proxy?: string): ConnectionInfo[] {
    const all = this.#connections().map(({ info }) => info);
    return proxy === undefined ? all : all.filter((info) => info.proxy === proxy);
  }

  /** The connection of that number, while it is open. */
  get(id: number): TrackedConnection | undefined {
    return this.#open.get(id)?.connection;
  }

  /**
   * Closes the connection of that number, both sides at once. False where there is none. Throws an
   * `HttpError` where no reset can be sent.
   */
  close(id: number, how: "close" | "reset"): boolean {
    const connection = this.get(id);
    if (!connection) return false;
    const { peer } = connection;
    const reason = "closed, as the control was asked to";
    if (how === "reset") connection.reset();
    else connection.close(new SessionOverError("close", peer, reason));
    return true;
  }

  /** What the connections of each proxy have counted, also those that are over. */
  sums(): ReadonlyMap<string, Readonly<Sums>> {
    return this.#sums;
  }

  /** Shows again what a proxy's connections count, after `observerOf` for another in its place. */
  restore(proxy: string, sums: Sums): void {
    this.#sums.set(proxy, sums);
  }

  /** Forgets what a proxy's connections have counted, when it is removed. */
  forget(proxy: string): void {
    this.#sums.delete(proxy);
  }

  /**
   * Shows `viewer` the connections of all proxies, those that are open first, until the result is
   * disposed of.
   */
  watch(viewer: Viewer): Disposable {
    this.#viewers.add(viewer);
    for (const connection of this.#connections()) connection.show(viewer);
    return {
      [Symbol.dispose]: () => {
        this.#viewers.delete(viewer);
        for (const connection of this.#connections()) connection.hide(viewer);
      },
    };
  }

  /**
   * The observer of one proxy's relays. The places of its connections are counted on, whichever of
   * its relays they come through.
   */
  observerOf(
    proxy: string,
    { upstream, toxicsOf }: Pick<ProxyFacts, "upstream" | "toxicsOf">,
  ): RelayObserver & { readonly sums: Sums } {
    const sums: Sums = {
      connections: 0,
      active: 0,
      received: 0,
      sent: 0,
      receivedFromTarget: 0,
      sentToTarget: 0,
    };
    this.#sums.set(proxy, sums);
    const facts: ProxyFacts = { proxy, sums, upstream, toxicsOf };
    let order = 0;
    return {
      sums,
      nextId: () => ++this.#lastId,
      accepted: (accepted) => {
        const place: Place = {};
        const connection = new TrackedConnection(accepted, ++order, facts, () => {
          this.#open.delete(accepted.id);
          place.connection = undefined;
        });
        place.connection = connection;
        this.#open.set(accepted.id, place);
        for (const viewer of this.#viewers) connection.show(viewer);
        return connection;
      },
    };
  }

  #connections(): TrackedConnection[] {
    return [...this.#open.values()].map(({ connection }) => connection!);
  }
}
