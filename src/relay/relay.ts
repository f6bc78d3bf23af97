/** A relay: carries every connection of its listeners to its destination. */
import type { Address } from "../address/address.ts";
import { isWebSocket } from "../address/web.ts";
import type { Charset } from "../charset/charset.ts";
import type { Channel, Connection } from "../core/duplex.ts";
import { SessionOverError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { LinkedList } from "../core/linked_list.ts";
import type { Listener } from "../core/listener.ts";
import { type Accepted, serve, type ServeOptions } from "../core/serve.ts";
import { splice } from "../core/splice.ts";
import type { Toxics } from "../faults/toxics.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { dialerFlags, framingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { tlsForDialing } from "../options/tls.ts";
import type { Recorder } from "../record/recorder.ts";
import { connect } from "../setup/connect.ts";
import { abortable, type BoundListeners } from "../setup/listen.ts";
import { LOG_ONLY, observe } from "../setup/observe.ts";
import { charsetOf } from "../setup/pair.ts";
import { serveOptions } from "../setup/serve.ts";
import { isInteractive } from "../transports/stdio.ts";
import { type Observer, tap } from "../wrap/tap.ts";
import { AccessLog } from "./access_log.ts";
import {
  droppedLogger,
  header,
  oneShotListener,
  reportable,
  unlessClosed,
  wrapPair,
} from "./connections.ts";
import type { Connect, Destination } from "./destination.ts";
import type { Metrics } from "./metrics.ts";
import { ObservedClient } from "./observed_client.ts";
import type { ConnectionWatch, RelayObserver } from "./observer.ts";
import type { closeFlags, relayFlags } from "./options.ts";
import { visitorOf } from "./visitor.ts";

/** Options of the connections that a relay carries. */
export type RelayOptions = OptionsOf<
  & typeof relayFlags
  & typeof framingFlags
  & typeof closeFlags
  & typeof listenerFlags
  & typeof dialerFlags
  & typeof observeFlags
>;

/** What all connections of a relay share. */
export interface RelayParts {
  readonly from: Address;
  /** TO as it was written. */
  readonly to: readonly string[];
  readonly destination: Destination;
  readonly options: RelayOptions;
  readonly log: Log;
  /** Stops accepting; connections may finish within `--grace`. */
  readonly stop: AbortSignal;
  /** Act on what is sent to its connections. */
  readonly toxics?: Toxics;
  readonly metrics?: Metrics;
  readonly recorder?: Recorder;
  /** The same client, with its bytes counted for `--progress`. */
  readonly countClient?: (client: Connection) => Connection;
  /** Sees every connection that is accepted. */
  readonly observer?: RelayObserver;
}

/** A relay whose options can be carried out. */
export class Relay {
  readonly #closing = new AbortController();
  readonly #unlistened = Promise.withResolvers<void>();
  /**
   * The targets of watched connections. Such a client may be closed already while something is
   * still on its way to its target.
   */
  readonly #targets = new LinkedList<Connection>();
  /** All targets, for connections that have none yet. */
  readonly #targetNames: string;
  readonly #access: AccessLog | undefined;

  private constructor(
    private readonly parts: RelayParts,
    private readonly charset: Charset | undefined,
  ) {
    this.#targetNames = parts.to.join(" or ");
    this.#access = AccessLog.of(parts.options, parts.log, this.#targetNames);
  }

  /** Makes a relay. Rejects with a `UsageError` for TLS options or a charset that can't be used. */
  static async make(parts: RelayParts): Promise<Relay> {
    const { destination, options, log, stop } = parts;
    const charset = await charsetOf(options);
    // Wrong TLS options are an error at once, not at the first connection.
    for (const to of destination.addresses) await abortable(stop, tlsForDialing(to, options, log));
    return new Relay(parts, charset);
  }

  /**
   * Relays every connection of `bound` until `stop` aborts, or until `close`; with `--once`, the
   * first one.
   */
  async serve(bound: BoundListeners): Promise<void> {
    const { once } = this.parts.options;
    const { handshake, answersUpgrades } = this.parts.destination;
    const isWaiting = answersUpgrades && isWebSocket(this.parts.from);
    await this.#serve(bound.listeners, bound, { once, handshake: handshake || isWaiting });
  }

  /** Relays the one connection of a FROM that can't be listened on: stdio or a child. */
  async serveOne(): Promise<void> {
    const { options, stop, log, from } = this.parts;
    const listeners = [oneShotListener(await connect(from, options, log, stop))];
    await this.#serve(listeners, { admit: undefined, held: () => 0 }, { once: true });
  }

  /**
   * Stops a relay that serves, and closes all of its connections at once. Resolves when FROM's
   * address is free; `serve` resolves when the last connection is over.
   */
  async close(): Promise<void> {
    const reason = new SessionOverError("close", this.parts.from.text, "the relay is closed");
    this.#closing.abort(reason);
    for (const target of [...this.#targets]) target.close(reason);
    await this.#unlistened.promise;
  }

  async #serve(
    listeners: readonly Listener[],
    limits: Pick<BoundListeners, "admit" | "held">,
    mode: Pick<ServeOptions, "once" | "handshake">,
  ): Promise<void> {
    const { options, log, stop, observer } = this.parts;
    const { signal: abort } = this.#closing;
    const accepting: ServeOptions = {
      ...serveOptions(options, limits, { log, stop }),
      ...mode,
      abort,
      nextId: observer && (() => observer.nextId()),
      onUnlistened: this.#unlistened.resolve,
      onOver: this.#access && ((over) => this.#access!.over(over)),
    };
    await serve(listeners, (accepted) => this.#carry(accepted), accepting).catch((error) => {
      if (error !== abort.reason) throw error;
    });
  }

  /** Relays one connection until both directions are closed. */
  async #carry(accepted: Accepted): Promise<void> {
    const { options, from, observer, toxics } = this.parts;
    const { id, log } = accepted;
    using watch = observer?.accepted(accepted);
    const entry = this.#access?.open(accepted);
    const place: { target?: Connection } = {};
    const observed = this.#observedClient(accepted, watch, entry, place);
    const onDial = entry && ((dialled: Address) => void (entry.target = dialled.text));
    const [client, target] = await this.#open(observed, accepted, watch, onDial);
    place.target = target;
    watch?.connected(target);
    using _ = watch && this.#watchTarget(target);
    const isStdio = from.scheme === "stdio";
    const { charset } = this;
    const wrapping = { options, charset, isStdio, id: watch?.order ?? id, log, toxics };
    const observedTarget = observe(watch ? tap(target, watch.target) : target, log, LOG_ONLY);
    const pair = wrapPair(client, observedTarget, wrapping);
    const until = isStdio && isInteractive() ? "target" : "both";
    await splice(pair, until, droppedLogger(log)).catch((error) => {
      throw reportable(error, client, target);
    });
  }

  /** Closes `target` with the relay, until the result is disposed of. */
  #watchTarget(target: Connection): Disposable {
    const { aborted, reason } = this.#closing.signal;
    if (aborted) target.close(reason);
    const place = this.#targets.add(target);
    return { [Symbol.dispose]: () => void place.remove() };
  }

  #observedClient(
    { connection, id, local, log }: Accepted,
    watch: ConnectionWatch | undefined,
    entry: Observer | undefined,
    place: { target?: Connection },
  ): ObservedClient {
    const { options: { dump, idleTimeout }, metrics, recorder, countClient } = this.parts;
    const recording = recorder?.connection(connection, id, "in", local);
    const target = () => place.target?.peer ?? this.#targetNames;
    // A WebSocket that its peer has closed is over already: it doesn't pass a timer's error on.
    const onIdle = idleTimeout === undefined ? undefined : {
      closed: (reason?: Error) => void (reason && place.target?.close(reason)),
    };
    return new ObservedClient(countClient?.(connection) ?? connection, {
      counters: [entry, metrics?.connection(), watch?.client, onIdle],
      recording,
      log,
      options: { dump, idleTimeout, target },
    });
  }

  /**
   * Connects to the target, or closes the client and rejects; at once where a watched client is
   * closed meanwhile.
   */
  async #open(
    observed: ObservedClient,
    { connection, id, peer, local, log, established }: Accepted,
    watch: ConnectionWatch | undefined,
    onDial?: (address: Address) => void,
  ): Promise<[client: Connection, target: Connection]> {
    const { options, stop, destination } = this.parts;
    const { connection: client } = observed;
    const request = client.framing === "message" ? client.request : undefined;
    const child = { peer, local, id, request };
    const givenUp = watch && new AbortController();
    const upgrade = connection.framing === "message" ? connection.upgrade : undefined;
    const visitor = upgrade && visitorOf(connection as Channel, upgrade, options);
    const preface = header(options, peer, local);
    const extras = { child, preface, signal: givenUp?.signal, visitor };
    const connectTo: Connect = (address, log, allow) => {
      onDial?.(address);
      return connect(address, options, log, stop, { ...extras, allow });
    };
    const inPlaceOfClient = (channel: Channel) => observed.replacedBy(channel);
    const visit = { upgrade, local, log, established, inPlaceOfClient };
    try {
      const opening = destination.open(client, connectTo, visit);
      return await (givenUp ? unlessClosed(client, opening) : opening);
    } catch (error) {
      givenUp?.abort(error);
      observed.connection.close(error as Error);
      throw error;
    }
  }
}
