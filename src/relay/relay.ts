/** A relay: carries every connection of its listeners to its destination. */
import type { Address } from "../address/address.ts";
import type { Charset } from "../charset/charset.ts";
import type { Log } from "../core/log.ts";
import type { Listener } from "../core/listener.ts";
import { type Accepted, serve, type ServeOptions } from "../core/serve.ts";
import { splice } from "../core/splice.ts";
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
import { tap } from "../wrap/tap.ts";
import { header, oneShotListener, reportable, wrapPair } from "./connections.ts";
import type { Connect, Destination } from "./destination.ts";
import type { Metrics } from "./metrics.ts";
import type { closeFlags, faultFlags, relayFlags } from "./options.ts";

/** Options of the connections that a relay carries. */
export type RelayOptions = OptionsOf<
  & typeof relayFlags
  & typeof framingFlags
  & typeof closeFlags
  & typeof faultFlags
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
  readonly metrics?: Metrics;
  readonly recorder?: Recorder;
}

/** A relay whose options can be carried out. */
export class Relay {
  private constructor(
    private readonly parts: RelayParts,
    private readonly charset: Charset | undefined,
  ) {}

  /** Makes a relay. Rejects with a `UsageError` for TLS options or a charset that can't be used. */
  static async make(parts: RelayParts): Promise<Relay> {
    const { destination, options, log, stop } = parts;
    const charset = await charsetOf(options);
    // Wrong TLS options are an error at once, not at the first connection.
    for (const to of destination.addresses) await abortable(stop, tlsForDialing(to, options, log));
    return new Relay(parts, charset);
  }

  /** Relays every connection of `bound` until `stop` aborts; with `--once`, the first one. */
  async serve(bound: BoundListeners): Promise<void> {
    const { once } = this.parts.options;
    const { handshake } = this.parts.destination;
    await this.#serve(bound.listeners, bound, { once, handshake });
  }

  /** Relays the one connection of a FROM that can't be listened on: stdio or a child. */
  async serveOne(): Promise<void> {
    const { options, stop, log, from } = this.parts;
    const listeners = [oneShotListener(await connect(from, options, log, stop))];
    await this.#serve(listeners, { admit: undefined, held: () => 0 }, { once: true });
  }

  async #serve(
    listeners: readonly Listener[],
    limits: Pick<BoundListeners, "admit" | "held">,
    mode: Pick<ServeOptions, "once" | "handshake">,
  ): Promise<void> {
    const { options, log, stop } = this.parts;
    const accepting = { ...serveOptions(options, limits, { log, stop }), ...mode };
    await serve(listeners, (accepted) => this.#carry(accepted), accepting);
  }

  /** Relays one connection until both directions are closed. */
  async #carry({ connection, id, peer, local, log, established }: Accepted): Promise<void> {
    const { options, stop, to, from, destination, metrics, recorder } = this.parts;
    const { dump, idleTimeout } = options;
    let targetName = to.join(" or ");
    const counting = metrics ? tap(connection, metrics.connection()) : connection;
    const observedClient = observe(
      counting,
      log,
      { dump, idleTimeout, target: () => targetName },
      recorder?.connection(connection, id, "in"),
    );
    const extras = { child: { peer, local, id }, preface: header(options, peer, local) };
    const connectTo: Connect = (address, log, allow) =>
      connect(address, options, log, stop, { ...extras, allow });
    const [client, target] = await destination.open(observedClient, connectTo, log, established)
      .catch((error) => {
        observedClient.close(error);
        throw error;
      });
    targetName = target.peer;
    const isStdio = from.scheme === "stdio";
    const wrapping = { options, charset: this.charset, isStdio, id, log };
    const pair = wrapPair(client, observe(target, log, LOG_ONLY), wrapping);
    await splice(pair, isStdio && isInteractive() ? "target" : "both").catch((error) => {
      throw reportable(error, client, target);
    });
  }
}
