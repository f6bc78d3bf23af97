/** `coax echo`: sends every byte or message back (RFC 862). */
import { carry, pairOf } from "../core/splice.ts";
import { type Accepted, serve } from "../core/serve.ts";
import type { Recorder } from "../record/recorder.ts";
import { defineCommand } from "./command.ts";
import { listenAll } from "../setup/listen.ts";
import { generalFlags } from "../options/general.ts";
import { endpointOf } from "../options/needs.ts";
import { listenerFlags, observeFlags } from "../options/groups.ts";
import { openRecorder, rightsToRecord } from "../setup/record.ts";
import { serveOptions } from "../setup/serve.ts";
import { observe, type ObserveOptions } from "../setup/observe.ts";

async function answer(
  { connection, id, log }: Accepted,
  options: ObserveOptions,
  recorder?: Recorder,
): Promise<void> {
  const peer = observe(connection, log, options, recorder?.connection(connection, id, "in"));
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
  flags: { ...listenerFlags, ...observeFlags, ...generalFlags },
  sides: (operands) => ({ from: operands.map(endpointOf), to: [] }),
  onSignal: "drain",
  async run(context) {
    const { operands, options, log, stop } = context;
    await using recorder = await openRecorder(context);
    const needs = rightsToRecord(options);
    const bound = await listenAll(operands, options, log, stop, { needs });
    const handle = (accepted: Accepted) => answer(accepted, options, recorder);
    await serve(bound.listeners, handle, serveOptions(options, bound, { log, stop }));
    await recorder?.finish();
  },
});
