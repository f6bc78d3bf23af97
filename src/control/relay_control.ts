/** `--control` of a relay: its own relay is the first proxy of a table. */
import type { Address } from "../address/address.ts";
import type { Toxics } from "../faults/toxics.ts";
import { Control, type ControlAddress, type ControlContext } from "./control.ts";
import { checkOpen, openPanel } from "./open_panel.ts";
import { writeReadyFile } from "../setup/ready.ts";

/** The relay of the command line. */
export interface OwnRelay {
  readonly name: string;
  readonly from: Address;
  /** TO as it was written. */
  readonly to: readonly string[];
  /** Those of its options, if there are any. */
  readonly toxics: Toxics | undefined;
  /** Whether a browser is to show the panel. */
  readonly open: boolean;
}

/**
 * Relays, and lets the relay be watched and changed over HTTP, until `stop` aborts; also while it
 * is disabled or removed. Rejects as listening does, there or at `address`.
 */
export async function relayWithControl(
  { name, from, to, toxics, open }: OwnRelay,
  address: ControlAddress,
  context: ControlContext,
): Promise<void> {
  const { readyFile } = context.options;
  if (open) checkOpen(address);
  const control = await Control.make(address, context);
  const plan = { name, route: { listen: from, to }, enabled: true, toxics: [] };
  await control.table.add(plan, toxics);
  await using server = await control.listen();
  const addresses = [...control.addresses, ...server.urls];
  if (readyFile) await writeReadyFile(readyFile, addresses, context.log);
  if (open) openPanel(server.urls, context.log);
  await control.over(server);
}
