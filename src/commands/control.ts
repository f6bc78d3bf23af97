/** `coax control`: relays that are made, watched, broken and mended over HTTP. */
import { parseAddress } from "../address/address.ts";
import { generalFlags } from "../options/general.ts";
import { dialerFlags, framingFlags, listenerFlags, observeFlags } from "../options/groups.ts";
import { statedToken } from "../options/secret.ts";
import { seedFlag } from "../options/toxics.ts";
import { checkTls } from "../options/tls.ts";
import { checkAccessLog } from "../relay/access_log.ts";
import { closeFlags, relayFlags } from "../relay/options.ts";
import { controlFlags } from "../control/options.ts";
import { completeOptions } from "../flags/flag.ts";
import { abortable } from "../setup/listen.ts";
import { writeReadyFile } from "../setup/ready.ts";
import { defineCommand } from "./command.ts";

/** Where it listens if nothing else is said: toxiproxy's port, on loopback. */
const DEFAULT_ADDRESS = "8474";

/** Options of the proxies' relays. */
const proxyFlags = {
  ...relayFlags,
  ...framingFlags,
  ...closeFlags,
  ...listenerFlags,
  ...dialerFlags,
  ...observeFlags,
};

export const control = defineCommand({
  name: "control",
  summary: "host relays that are made, watched, broken and mended over HTTP",
  operands: "[ADDRESS]",
  examples: [
    ["coax control", "toxiproxy's API at http://localhost:8474/, for any of its clients"],
    ["coax control --config proxies.json", "with the proxies and toxics of a file"],
    ["coax control :8474 --token @secret", "for other machines, which must know the token"],
    ["coax control --open", "the same, with its panel in your browser"],
    ["coax control 9474 --seed 7", "the same seed gives the same faults"],
  ],
  first: [
    "config",
    "token",
    "open",
    "seed",
    "allowTarget",
    "accessLog",
    "maxConnections",
    "readyFile",
    "allowOrigin",
    "verbose",
  ],
  flags: {
    ...controlFlags,
    seed: seedFlag,
    accessLog: relayFlags.accessLog,
    allowTarget: relayFlags.allowTarget,
    ...listenerFlags,
    ...dialerFlags,
    ...generalFlags,
  },
  onSignal: "drain",
  async run({ operands: [text = DEFAULT_ADDRESS], options, log, stop }) {
    const { config, readyFile } = options;
    parseAddress(text); // Before the pin of a certificate is printed.
    checkAccessLog(options);
    const token = await abortable(stop, statedToken("--token", options.token));
    const relayOptions = completeOptions(proxyFlags, options);
    await abortable(stop, checkTls(relayOptions, log));
    const { Control } = await import("../control/control.ts");
    const address = { text, subject: "ADDRESS", token };
    const { checkOpen, openPanel } = await import("../control/open_panel.ts");
    if (options.open) checkOpen(address);
    const context = { options: relayOptions, log, stop, seed: options.seed };
    const made = await Control.make(address, context);
    if (config) {
      const { populateFrom } = await import("../control/config.ts");
      await abortable(stop, populateFrom(config, made.table, log));
    }
    await using server = await made.listen();
    if (readyFile) {
      await writeReadyFile(readyFile, [...made.addresses, ...server.urls], log);
    }
    if (options.open) openPanel(server.urls, log);
    await made.over(server);
  },
});
