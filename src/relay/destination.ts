/** Where a relay's connections go: to one of its targets, or wherever a proxy's client asks. */
import type { Address } from "../address/address.ts";
import type { Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { listenFlags } from "../options/groups.ts";
import type { relayFlags } from "./options.ts";

/** Connects to `address`; `allow` is asked about each IP address before it is tried. */
export type Connect = (
  address: Address,
  log: Log,
  allow?: (ip: string) => boolean,
) => Promise<Connection>;

export interface Destination {
  /** What is known of them beforehand. */
  readonly addresses: readonly Address[];
  /** Whether `open` begins with a handshake of the peer. */
  readonly handshake?: boolean;
  /**
   * Both ends to splice. Rejects after `from` has been told, where it can be.
   *
   * @param established Is called once the handshake is over.
   */
  open(
    client: Connection,
    connect: Connect,
    log: Log,
    established?: () => void,
  ): Promise<[from: Connection, to: Connection]>;
}

export type DestinationOptions = Pick<
  OptionsOf<typeof relayFlags & typeof listenFlags>,
  "balance" | "allowTarget" | "handshakeTimeout"
>;

/** Whether all that is connected to is on this machine and no socket with a port. */
export function isLocal({ addresses }: Destination): boolean {
  const localSchemes = ["unix", "ws+unix", "exec", "sh", "stdio"];
  return addresses.length > 0 && addresses.every(({ scheme }) => localSchemes.includes(scheme));
}
