/** A relay's client with all that observes it. */
import type { Channel, Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import { observe, type ObserveOptions } from "../setup/observe.ts";
import { type Observer, tap } from "../wrap/tap.ts";

interface ClientObservers {
  /** Counters of what passes. */
  readonly counters: readonly (Observer | undefined)[];
  readonly recording: Observer | undefined;
  readonly log: Log;
  readonly options: ObserveOptions;
}

/** A client that is observed; another connection may come in its place. */
export class ObservedClient {
  readonly connection: Connection;
  #isReplaced = false;

  constructor(client: Connection, private readonly observers: ClientObservers) {
    const { counters, recording, log, options } = observers;
    let counted = client;
    for (const counter of counters) if (counter) counted = tap(counted, counter);
    // In a replaced client nothing passes any more, and what replaces it has a timer of its own.
    const lastWait = () => this.#isReplaced ? performance.now() : -Infinity;
    this.connection = observe(counted, log, options, recording, lastWait);
  }

  /** The same channel, observed in place of the client, which stays open and silent. */
  replacedBy(channel: Channel): Channel {
    this.#isReplaced = true;
    const { counters, recording, log, options } = this.observers;
    let counted = channel;
    for (const counter of counters) if (counter) counted = tap(counted, trafficOnly(counter));
    const untimed = { dump: options.dump, idleTimeout: undefined, target: options.target };
    return observe(counted, log, untimed, recording && trafficOnly(recording)) as Channel;
  }
}

/** An observer of what passes, but not of the close: the client's own comes after it. */
function trafficOnly(observer: Observer): Observer {
  return {
    sending: (bytes, message) => observer.sending?.(bytes, message),
    received: (bytes, message) => observer.received?.(bytes, message),
    sent: (bytes, message) => observer.sent?.(bytes, message),
  };
}
