/** `coax relay`: carry every connection on one address to another. */
import { canListen, parseAddress } from "../address/address.ts";
import { type Accepted, serve } from "../core/serve.ts";
import { splice } from "../core/splice.ts";
import { isInteractive } from "../transports/stdio.ts";
import { tap } from "../wrap/tap.ts";
import { type Context, defineCommand } from "./command.ts";
import { connect } from "../setup/connect.ts";
import { type Connect, isLocal } from "../relay/destination.ts";
import { listenAll, rightsOf, unless } from "../setup/listen.ts";
import { startMeter } from "../relay/metrics_server.ts";
import { general } from "../options/general.ts";
import { placeOf, targetOf } from "../options/needs.ts";
import { dialing, framing, seeing, serving } from "../options/groups.ts";
import { ending, faults, relaying } from "../relay/options.ts";
import { charsetOf } from "../setup/pair.ts";
import {
  destinationOf,
  dress,
  expectsHeader,
  header,
  refuseLoop,
  single,
  toTell,
} from "../relay/ends.ts";
import { tlsForDialing } from "../options/tls.ts";
import { recorded, rightsToRecord } from "../setup/record.ts";
import { LIFE_ALONE, watch } from "../setup/observe.ts";
import { serveOptions } from "../setup/serve.ts";

const flags = {
  ...relaying,
  ...framing,
  ...ending,
  ...faults,
  ...serving,
  ...dialing,

  ...seeing,
  ...general,
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
  sides: ([from, ...to]) => ({ from: [placeOf(from!)], to: to.map(targetOf) }),
  onSignal: "drain",
  run: recorded(async (context: RelayContext, recorder) => {
    const { operands, options, stop } = context;
    const from = parseAddress(operands[0]!);
    const destination = await destinationOf(operands.slice(1), options);
    await using meter = await startMeter(destination.addresses, context);
    const metrics = meter?.metrics;
    const log = metrics ? context.log.observed((event) => metrics.observe(event)) : context.log;
    const charset = await charsetOf(options);
    const local = from.scheme === "stdio";
    const until = local && isInteractive() ? "second" : "both";

    const handle = async ({ end, id, peer, local: at, log, established }: Accepted) => {
      const counted = metrics ? tap(end, metrics.connection()) : end;
      let target = operands.slice(1).join(" or ");
      const { dump, idleTimeout } = options;
      const seen = { dump, idleTimeout, target: () => target };
      const first = watch(counted, log, seen, recorder?.connection(end, id, "in"));
      const particular = { child: { peer, local: at, id }, preface: header(options, peer, at) };
      const reach: Connect = (address, log, allow) =>
        connect(address, options, log, stop, { ...particular, allow });
      const [near, far] = await destination.open(first, reach, log, established).catch((error) => {
        first.close(error);
        throw error;
      });
      target = far.peer;
      const ends = dress(near, watch(far, log, LIFE_ALONE), { options, charset, local, id, log });
      await splice(ends, until).catch((error) => {
        throw toTell(error, near, far);
      });
    };
    // What is wrong with the options of TLS shows at once, not with the first connection.
    for (const to of destination.addresses) await unless(stop, tlsForDialing(to, options, log));
    if (!canListen(from)) {
      const listeners = [single(await connect(from, options, log, stop))];
      const open = { admit: undefined, held: () => 0 };
      const served = serveOptions(options, open, { log, stop });
      return await serve(listeners, handle, { ...served, once: true });
    }
    const needs = [
      ...rightsToRecord(options),
      ...destination.addresses.flatMap(rightsOf),
      ...(isLocal(destination) ? [] : ["net" as const]),
    ];
    const proxyProtocol = expectsHeader(options);
    const site = await listenAll([from.text], options, log, stop, { needs, proxyProtocol });
    refuseLoop(site, destination);
    const { once } = options;
    const { handshake } = destination;
    const served = serveOptions(options, site, { log, stop });
    await serve(site.listeners, handle, { ...served, once, handshake });
  }),
});
