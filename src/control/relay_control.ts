/** `--control` of a relay: its own relay is the first proxy of a table. */
import type { Address } from "../address/address.ts";
import type { Toxics } from "../faults/toxics.ts";
import { Control, type ControlAddress, type ControlContext } from "./control.ts";
import { writeReadyFile } from "../setup/ready.ts";

/** The relay of the command line. */
export interface OwnRelay {
  readonly name: string;
  readonly from: Address;
  /** TO as it was written. */
  readonly to: readonly string[];
  /** Those of its options, if there are any. */
  readonly toxics: Toxics | undefined;
}

/**
 * Relays, and lets the relay be watched and changed over HTTP, until `stop` aborts; also while it
 * is disabled or removed. Rejects as listening does, there or at `address`.
 */
export async function relayWithControl(
  { name, from, to, toxics }: OwnRelay,
  address: ControlAddress,
  context: ControlContext,
): Promise<void> {
  const { readyFile } = context.options;
  const control = await Control.make(address, context);
  const plan = { name, route: { listen: from, to }, enabled: true, toxics: [] };
  await control.table.add(plan, toxics);
  await using server = await control.listen();
  const addresses = [...control.addresses, ...server.urls];
  if (readyFile) await writeReadyFile(readyFile, addresses, context.log);
  await control.over(server);
}
