/** `coax relay`: relays every connection on one address to another. */
import { canListen, parseAddress } from "../address/address.ts";
import { relayControlFlags } from "../control/options.ts";
import type { Connection } from "../core/duplex.ts";
import { UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { statedToken } from "../options/secret.ts";
import { checkTls } from "../options/tls.ts";
import type { Recorder } from "../record/recorder.ts";
import { type Context, defineCommand } from "./command.ts";
import { checkAccessLog } from "../relay/access_log.ts";
import { isLocal } from "../relay/destination.ts";
import { abortable, type BoundListeners, listenAll, rightsOf } from "../setup/listen.ts";
import { startMeter } from "../relay/metrics_server.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf, relayTargetOf } from "../options/needs.ts";
import { dialerFlags, framingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { closeFlags, faultFlags, relayFlags } from "../relay/options.ts";
import { destinationOf, expectsHeader } from "../relay/connections.ts";
import { refuseLoop } from "../relay/loop.ts";
import { Relay, type RelayParts } from "../relay/relay.ts";
import { toxicSpecsOf } from "../relay/short_faults.ts";
import { followed, openRecorder, rightsToRecord } from "../setup/record.ts";
import { toxicsOf } from "../setup/toxics.ts";

const flags = {
  ...relayFlags,
  ...framingFlags,
  ...closeFlags,
  ...faultFlags,
  ...relayControlFlags,
  ...listenerFlags,
  ...dialerFlags,
  ...observeFlags,
  ...generalFlags,
};

/** Where the control of --panel listens. */
const ANY_PORT = "127.0.0.1:0";

type CommandParts = RelayParts & { readonly options: OptionsOf<typeof flags> };
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
    ["coax relay 9000 7007 --control 8474", "the same, changed over HTTP while it runs"],
    ["coax relay 9000 7007 --panel --open", "the same in your browser: what passes, as it passes"],
  ],
  flags,
  first: [
    "dump",
    "record",
    "delay",
    "rate",
    "toxic",
    "control",
    "panel",
    "balance",
    "retry",
    "verbose",
  ],
  sides: ([from, ...to]) => ({ from: [endpointOf(from!)], to: to.map(relayTargetOf) }),
  onSignal: "drain",
  async run(context) {
    await using recorder = await openRecorder(context);
    await carryAll(context, recorder);
    await recorder?.finish();
  },
});

/** Relays every connection until `stop` aborts. */
async function carryAll(context: RelayContext, recorder: Recorder | undefined): Promise<void> {
  const { operands: [fromText, ...to], options, stop } = context;
  checkAccessLog(options);
  const from = parseAddress(fromText!);
  const destination = await destinationOf(to, options);
  const toxics = await toxicsOf(toxicSpecsOf(options), options.seed);
  await using meter = await startMeter(destination.addresses, context);
  const metrics = meter?.metrics;
  const counted = metrics ? context.log.observed((event) => metrics.observe(event)) : context.log;
  const log = followed(counted, recorder);
  const progress = await progressOf(options, log);
  const countClient = progress && ((client: Connection) => progress.countClient(client));
  const counters = { metrics, recorder, countClient };
  const parts = { from, to, destination, options, log, stop, toxics, ...counters };
  try {
    await carry(parts);
  } finally {
    progress?.finish();
  }
}

async function progressOf(options: CommandParts["options"], log: Log) {
  if (!options.progress) return undefined;
  const { Progress } = await import("../talk/progress.ts");
  return Progress.of(options, log);
}

async function carry(parts: CommandParts): Promise<void> {
  const control = controlOf(parts.options);
  if (control) return await carryControlled(control, parts);
  const relay = await Relay.make(parts);
  await (canListen(parts.from) ? relay.serve(await listenOnFrom(parts)) : relay.serveOne());
}

/** Where the control is to be, if there is one, and the option that says so. */
function controlOf({ control, panel }: CommandParts["options"]) {
  if (panel && control !== undefined) throw new UsageError("--panel", "excludes --control");
  if (panel) return { text: ANY_PORT, subject: "--panel" };
  return control === undefined ? undefined : { text: control, subject: "--control" };
}

/** Relays, with a control at `at`. All rights stay: proxies may be made that need them. */
async function carryControlled(
  at: { readonly text: string; readonly subject: string },
  { from, to, options, log, stop, toxics, metrics, recorder, countClient }: CommandParts,
): Promise<void> {
  if (options.once) throw new UsageError("--once", `excludes ${at.subject}`);
  const token = await abortable(stop, statedToken("--token", options.token));
  await abortable(stop, checkTls(options, log));
  const { relayWithControl } = await import("../control/relay_control.ts");
  const { name, open, seed } = options;
  const address = { ...at, token };
  const relay = { name, from, to, toxics, open };
  await relayWithControl(relay, address, {
    options,
    log,
    stop,
    seed,
    metrics,
    recorder,
    countClient,
  });
}

/** Listens on FROM, and gives up the rights that carrying its connections doesn't take. */
async function listenOnFrom(parts: RelayParts): Promise<BoundListeners> {
  const { from, destination, options, log, stop } = parts;
  const needs = [
    ...rightsToRecord(options),
    ...destination.addresses.flatMap(rightsOf),
    ...(isLocal(destination) ? [] : ["net" as const]),
  ];
  const proxyProtocol = expectsHeader(options);
  const perCommand = { needs, proxyProtocol, deferred: destination.answersUpgrades };
  const bound = await listenAll([from.text], options, log, stop, perCommand);
  refuseLoop(bound, destination);
  return bound;
}
