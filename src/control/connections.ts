/** The registry of open connections: who is connected through which proxy, and what it does. */
import { SessionOverError } from "../core/errors.ts";
import type { RelayObserver } from "../relay/observer.ts";
import {
  type ConnectionInfo,
  type ProxyFacts,
  type Sums,
  TrackedConnection,
  type Viewer,
} from "./tracked_connection.ts";

export class ConnectionRegistry {
  #lastId = 0;
  readonly #open = new Map<number, TrackedConnection>();
  readonly #sums = new Map<string, Sums>();
  readonly #viewers = new Set<Viewer>();

  /** The open connections, in the order in which they came: all, or those of one proxy. */
  list(proxy?: string): ConnectionInfo[] {
    const all = [...this.#open.values()].map(({ info }) => info);
    return proxy === undefined ? all : all.filter((info) => info.proxy === proxy);
  }

  /** The connection of that number, while it is open. */
  get(id: number): TrackedConnection | undefined {
    return this.#open.get(id);
  }

  /**
   * Closes the connection of that number, both sides at once. False where there is none. Throws an
   * `HttpError` where no reset can be sent.
   */
  close(id: number, how: "close" | "reset"): boolean {
    const connection = this.#open.get(id);
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
    for (const connection of this.#open.values()) connection.show(viewer);
    return {
      [Symbol.dispose]: () => {
        this.#viewers.delete(viewer);
        for (const connection of this.#open.values()) connection.hide(viewer);
      },
    };
  }

  /**
   * The observer of one proxy's relays. The places of its connections are counted on, whichever of
   * its relays they come through.
   */
  observerOf(
    proxy: string,
    about: Pick<ProxyFacts, "toxicsOf"> & { upstream(): string },
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
    let order = 0;
    return {
      sums,
      nextId: () => ++this.#lastId,
      accepted: (accepted) => {
        const facts = { proxy, sums, upstream: about.upstream(), toxicsOf: about.toxicsOf };
        const connection = new TrackedConnection(accepted, ++order, facts, () => {
          this.#open.delete(accepted.id);
        });
        this.#open.set(accepted.id, connection);
        for (const viewer of this.#viewers) connection.show(viewer);
        return connection;
      },
    };
  }
}
