/** `coax echo`: sends every byte or message back (RFC 862). */
import { carry, pairOf } from "../core/splice.ts";
import { type Accepted, serve } from "../core/serve.ts";
import type { Recorder } from "../record/recorder.ts";
import { defineCommand } from "./command.ts";
import type { Toxics } from "../faults/toxics.ts";
import { group } from "../flags/flag.ts";
import { needing } from "../flags/needs.ts";
import { listenAll } from "../setup/listen.ts";
import { generalFlags } from "../options/general.ts";
import * as needs from "../options/needs.ts";
import { listenerFlags, observeFlags } from "../options/groups.ts";
import { seedFlag, toxicFlag } from "../options/toxics.ts";
import { followed, openRecorder, rightsToRecord } from "../setup/record.ts";
import { serveOptions } from "../setup/serve.ts";
import { observe, type ObserveOptions } from "../setup/observe.ts";
import { toxicsOf, withToxics } from "../setup/toxics.ts";

const toxicFlags = group("Faults, for testing", {
  ...needing(needs.toxicsOfEcho, { toxic: toxicFlag }),
  ...needing(needs.beside("toxic"), { seed: seedFlag }),
});

async function answer(
  { connection, id, local, log }: Accepted,
  options: ObserveOptions,
  toxics?: Toxics,
  recorder?: Recorder,
): Promise<void> {
  const recording = recorder?.connection(connection, id, "in", local);
  const plain = observe(connection, log, options, recording);
  // What is sent back passes upstream's faults first, as if it had gone to a target.
  const back = withToxics(plain, toxics, "downstream", { id, log });
  const peer = withToxics(back, toxics, "upstream", { id, log });
  try {
    await carry(pairOf(peer, peer));
    peer.close();
  } catch (error) {
    peer.close(error as Error);
    throw error;
  }
  await peer.closed;
}

export const echo = defineCommand({
  name: "echo",
  summary: "send every byte or message back (RFC 862)",
  operands: "ADDRESS...",
  examples: [
    ["coax echo 7007", "echo on port 7007 of this machine"],
    ["coax echo :7007 unix:/tmp/echo", "on every interface, and on a Unix socket"],
    ["coax echo ws://8080", "for WebSocket clients on this machine"],
  ],
  first: [
    "toxic",
    "maxConnections",
    "allow",
    "idleTimeout",
    "selfSigned",
    "cert",
    "key",
    "dump",
    "record",
    "verbose",
  ],
  flags: { ...listenerFlags, ...observeFlags, ...toxicFlags, ...generalFlags },
  sides: (operands) => ({ from: operands.map(needs.endpointOf), to: [] }),
  onSignal: "drain",
  async run(context) {
    const { operands, options, stop } = context;
    await using recorder = await openRecorder(context);
    const log = followed(context.log, recorder);
    const toxics = await toxicsOf(options.toxic, options.seed);
    const bound = await listenAll(operands, options, log, stop, { needs: rightsToRecord(options) });
    const handle = (accepted: Accepted) => answer(accepted, options, toxics, recorder);
    await serve(bound.listeners, handle, serveOptions(options, bound, { log, stop }));
    await recorder?.finish();
  },
});
