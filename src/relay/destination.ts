/** A relay's destination: one of its targets, or the target that a proxy's client requests. */
import type { Address, Scheme } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listenFlags } from "../options/groups.ts";
import { UNIX_NEEDS_NET } from "../transports/rights.ts";
import type { relayFlags } from "./options.ts";

/** Connects to `address`, trying only IP addresses for which `allow` returns true. */
export type Connect = (
  address: Address,
  log: Log,
  allow?: (ip: string) => boolean,
) => Promise<Connection>;

export interface Destination {
  /** The targets' addresses; none for a proxy server. */
  readonly addresses: readonly Address[];
  /** Whether `open` begins with a handshake of the client. */
  readonly handshake?: boolean;
  /**
   * Connects to the target, and resolves with the two connections to splice. Rejects after the
   * client has been sent a refusal, where its protocol has one.
   *
   * @param established Called once the handshake is over.
   */
  open(
    client: Connection,
    connect: Connect,
    log: Log,
    established?: () => void,
  ): Promise<[client: Connection, target: Connection]>;
}

export type DestinationOptions = Pick<
  OptionsOf<typeof relayFlags & typeof listenFlags>,
  "balance" | "allowTarget" | "auth" | "handshakeTimeout"
>;

/** Whether all targets are known and need no network, so that its right can be given up. */
export function isLocal({ addresses }: Destination): boolean {
  const unixSchemes: readonly Scheme[] = UNIX_NEEDS_NET ? [] : ["unix", "ws+unix"];
  const localSchemes: readonly Scheme[] = [...unixSchemes, "exec", "sh", "stdio"];
  return addresses.length > 0 && addresses.every(({ scheme }) => localSchemes.includes(scheme));
}
