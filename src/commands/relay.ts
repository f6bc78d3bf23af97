/** `coax relay`: relays every connection on one address to another. */
import { type Address, canListen, parseAddress } from "../address/address.ts";
import { type Accepted, serve } from "../core/serve.ts";
import type { Charset } from "../charset/charset.ts";
import { splice } from "../core/splice.ts";
import type { Recorder } from "../record/recorder.ts";
import { isInteractive } from "../transports/stdio.ts";
import { tap } from "../wrap/tap.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "../setup/connect.ts";
import { type Connect, type Destination, isLocal } from "../relay/destination.ts";
import { abortable, listenAll, rightsOf } from "../setup/listen.ts";
import type { Metrics } from "../relay/metrics.ts";
import { startMeter } from "../relay/metrics_server.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf, relayTargetOf } from "../options/needs.ts";
import { dialerFlags, framingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { closeFlags, faultFlags, relayFlags } from "../relay/options.ts";
import { charsetOf } from "../setup/pair.ts";
import {
  destinationOf,
  expectsHeader,
  header,
  oneShotListener,
  refuseLoop,
  reportable,
  wrapPair,
} from "../relay/connections.ts";
import { tlsForDialing } from "../options/tls.ts";
import { openRecorder, rightsToRecord } from "../setup/record.ts";
import { LOG_ONLY, observe } from "../setup/observe.ts";
import { serveOptions } from "../setup/serve.ts";

const flags = {
  ...relayFlags,
  ...framingFlags,
  ...closeFlags,
  ...faultFlags,
  ...listenerFlags,
  ...dialerFlags,
  ...observeFlags,
  ...generalFlags,
};

type RelayContext = Context<typeof flags>;

export const relay = defineCommand({
  name: "relay",
  summary: "carry every connection on FROM to TO",
  operands: "FROM TO [TO...]",
  examples: [
    ["coax relay 8080 host:80", "port 8080 of this machine leads to host:80"],
    ["coax relay unix:/tmp/x 5432", "a Unix socket leads to a TCP port"],
    ["coax relay 9000 exec:'cat -n'", "every connection talks to a command of its own"],
    ["coax relay 8080 a:80 b:80 --balance least", "the one of both that has less to do"],
    ["coax relay 1080 socks5: --allow-target 10.0.0.0/8", "a SOCKS5 proxy into one network"],
    ["coax relay 9000 7007 --delay 100ms", "a long line, to test with"],
  ],
  flags,
  sides: ([from, ...to]) => ({ from: [endpointOf(from!)], to: to.map(relayTargetOf) }),
  onSignal: "drain",
  async run(context) {
    await using recorder = await openRecorder(context);
    await carryAll(context, recorder);
    await recorder?.finish();
  },
});

/** What all connections of a relay share. */
interface Route extends Pick<RelayContext, "options" | "stop" | "log"> {
  readonly from: Address;
  /** TO as it was written. */
  readonly to: readonly string[];
  readonly destination: Destination;
  readonly charset: Charset | undefined;
  readonly metrics: Metrics | undefined;
  readonly recorder: Recorder | undefined;
}

/** Relays every connection until `stop` aborts. */
async function carryAll(context: RelayContext, recorder: Recorder | undefined): Promise<void> {
  const { operands: [fromText, ...to], options, stop } = context;
  const from = parseAddress(fromText!);
  const destination = await destinationOf(to, options);
  await using meter = await startMeter(destination.addresses, context);
  const metrics = meter?.metrics;
  const log = metrics ? context.log.observed((event) => metrics.observe(event)) : context.log;
  const charset = await charsetOf(options);
  const route = { options, stop, log, from, to, destination, charset, metrics, recorder };
  // Wrong TLS options are an error at once, not at the first connection.
  for (const to of destination.addresses) await abortable(stop, tlsForDialing(to, options, log));
  await (canListen(from) ? serveMany(route) : serveOne(route));
}

/** Relays the one connection of a FROM that can't be listened on: stdio or a child. */
async function serveOne(route: Route): Promise<void> {
  const { options, stop, log, from } = route;
  const listeners = [oneShotListener(await connect(from, options, log, stop))];
  const open = { admit: undefined, held: () => 0 };
  const accepting = serveOptions(options, open, { log, stop });
  await serve(listeners, (accepted) => carry(accepted, route), { ...accepting, once: true });
}

/** Listens on FROM and relays every connection that is accepted. */
async function serveMany(route: Route): Promise<void> {
  const { options, stop, log, from, destination } = route;
  const needs = [
    ...rightsToRecord(options),
    ...destination.addresses.flatMap(rightsOf),
    ...(isLocal(destination) ? [] : ["net" as const]),
  ];
  const proxyProtocol = expectsHeader(options);
  const bound = await listenAll([from.text], options, log, stop, { needs, proxyProtocol });
  refuseLoop(bound, destination);
  const { once } = options;
  const { handshake } = destination;
  const accepting = { ...serveOptions(options, bound, { log, stop }), once, handshake };
  await serve(bound.listeners, (accepted) => carry(accepted, route), accepting);
}

/** Relays one connection until both directions are closed. */
async function carry(
  { connection, id, peer, local: at, log, established }: Accepted,
  route: Route,
) {
  const { options, stop, to, from, destination, charset, metrics, recorder } = route;
  const { dump, idleTimeout } = options;
  let targetName = to.join(" or ");
  const observeOptions = { dump, idleTimeout, target: () => targetName };
  const counting = metrics ? tap(connection, metrics.connection()) : connection;
  const observedClient = observe(
    counting,
    log,
    observeOptions,
    recorder?.connection(connection, id, "in"),
  );
  const extras = { child: { peer, local: at, id }, preface: header(options, peer, at) };
  const connectTo: Connect = (address, log, allow) =>
    connect(address, options, log, stop, { ...extras, allow });
  const [client, target] = await destination.open(observedClient, connectTo, log, established)
    .catch((error) => {
      observedClient.close(error);
      throw error;
    });
  targetName = target.peer;
  const isStdio = from.scheme === "stdio";
  const observedTarget = observe(target, log, LOG_ONLY);
  const pair = wrapPair(client, observedTarget, { options, charset, isStdio, id, log });
  await splice(pair, isStdio && isInteractive() ? "target" : "both").catch((error) => {
    throw reportable(error, client, target);
  });
}
