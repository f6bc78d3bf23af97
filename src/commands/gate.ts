/** `coax gate`: lets others listen on ports of this machine. */
import { type Address, isGate, parseAddress } from "../address/address.ts";
import { LOOPBACK } from "../address/ip.ts";
import { hostName } from "../address/host.ts";
import { AddressError, UsageError } from "../core/errors.ts";
import { serve } from "../core/serve.ts";
import type { Duplex } from "../core/duplex.ts";
import { completeOptions, custom, defaultTo, group } from "../flags/flag.ts";
import { count, text } from "../flags/kinds.ts";
import { Gate } from "../gate/gate.ts";
import { bindPort, formatPorts, parsePorts, UNPRIVILEGED } from "../gate/ports.ts";
import { generalFlags } from "../options/general.ts";
import { listenerFlags, localListenerFlags } from "../options/groups.ts";
import { endpointOf, listening } from "../options/needs.ts";
import { needing } from "../flags/needs.ts";
import { gateSecretOf } from "../options/secret.ts";
import { abortable, listenAll } from "../setup/listen.ts";
import { observe } from "../setup/observe.ts";
import { serveOptions } from "../setup/serve.ts";
import { Prover } from "../transports/gate/protocol.ts";
import { PLAIN_LISTENER } from "../transports/options.ts";
import { defineCommand } from "./command.ts";

function parsePublic(given: string): string {
  const host = hostName(given);
  if (host === undefined) throw new Error("expected a host's name or address");
  return host;
}

const gateFlags = group(
  "Gate",
  needing(listening, {
    secret: text("who listens must prove that it knows this; @FILE has it", {
      value: "TEXT|@FILE",
      file: "@read",
    }),
    ports: defaultTo(
      custom("the ports that may be listened on", parsePorts, { value: "RANGE" }),
      formatPorts(UNPRIVILEGED),
    ),
    public: custom("the name of this machine that is shown to who listens", parsePublic, {
      value: "HOST",
    }),
    maxListeners: defaultTo(count("how many may listen at once", 1), "16"),
  }),
);

export const gate = defineCommand({
  name: "gate",
  summary: "let others listen on this machine from where they are",
  operands: "ADDRESS...",
  examples: [
    [
      "coax gate :7000 --secret @secret",
      "who knows the secret may listen on ports of this machine",
    ],
    ["coax gate tls://:7000 --cert a.pem --key a.pem --secret @secret", "the same, encrypted"],
    ["coax gate :7000 --secret @secret --ports 8000-8100", "on these ports alone"],
  ],
  first: [
    "secret",
    "ports",
    "public",
    "maxListeners",
    "maxConnections",
    "allow",
    "cert",
    "key",
    "selfSigned",
    "verbose",
  ],
  flags: { ...gateFlags, ...localListenerFlags, ...generalFlags },
  sides: (operands) => ({ from: operands.map(endpointOf), to: [] }),
  onSignal: "drain",
  async run({ operands, options, log, stop }) {
    const { secret: given, ports, maxListeners, maxConnections } = options;
    const { handshakeTimeout, socketMode } = options;
    if (given === undefined) {
      throw new UsageError("--secret", "missing: who may listen here has to prove something");
    }
    const prover = await Prover.with(await abortable(stop, gateSecretOf(given)));
    const addresses = operands.map(parseAddress);
    addresses.forEach(checkStream);
    const host = hostOfVisitors(addresses);
    const complete = completeOptions(listenerFlags, options);
    const bound = await listenAll(operands, complete, log, stop, { needs: ["net"] });
    const serving = serveOptions(options, bound, { log, stop });
    const hosted = new Gate({
      prover,
      publicHost: options.public ?? "",
      maxListeners,
      handshakeTimeout,
      bind: (port, log) =>
        bindPort(host, port, ports, { ...PLAIN_LISTENER, log, socketMode, handshakeTimeout }),
      observe: ({ connection, log }) =>
        observe(connection, log, { dump: false, idleTimeout: options.idleTimeout }) as Duplex,
      serving: { ...serving, admit: undefined },
    });
    // Whoever takes visitors has as many connections; who hasn't proved anything makes room.
    const all = { ...serving, maxConnections: UNPROVED + maxListeners * (maxConnections + 1) };
    await serve(bound.listeners, (accepted) => hosted.meet(accepted), {
      ...all,
      maxPerPeer: undefined,
      handshake: true,
      unnumbered: true, // Numbers are for visitors, and so is what a stop says.
    });
    await hosted.over();
  },
});

/** Connections that haven't proved the secret. */
const UNPROVED = 256;

/** Throws an `AddressError` for an address that has no streams, or is at a gate itself. */
function checkStream(address: Address): void {
  if (address.scheme === "udp" || address.scheme === "unixgram") {
    throw new AddressError(address.text, "datagrams don't carry a gate");
  }
  if (isGate(address)) throw new AddressError(address.text, "a gate can't be at another gate");
}

/** Where visitors come in: at the first of the gate's own hosts, else on this machine. */
function hostOfVisitors(addresses: readonly Address[]): string {
  return addresses.flatMap((address) => "host" in address ? address.host : [])[0] ?? LOOPBACK;
}
