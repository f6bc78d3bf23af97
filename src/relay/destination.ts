/** A relay's destination: one of its targets, or the target that a proxy's client requests. */
import type { Address } from "../address/address.ts";
import type { Scheme } from "../address/schemes.ts";
import { FILE_SCHEMES } from "../address/file_path.ts";
import type { Channel, Connection, PendingUpgrade } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import type { dialerFlags, encodingFlags, listenFlags } from "../options/groups.ts";
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
  /** Whether a WebSocket's handshake is answered only by `open`. */
  readonly answersUpgrades?: boolean;
  /**
   * Connects to the target, and resolves with the two connections to splice. Rejects after the
   * client has been sent a refusal, where its protocol has one.
   */
  open(
    client: Connection,
    connect: Connect,
    visit: Visit,
  ): Promise<[client: Connection, target: Connection]>;
}

/** One client's visit, as a destination sees it. */
export interface Visit {
  /** The handshake of a WebSocket that waits for an answer. */
  readonly upgrade: PendingUpgrade | undefined;
  /** Our own address, which the client has connected to. */
  readonly local: string;
  readonly log: Log;
  /** To be called once the handshake is over. */
  readonly established?: () => void;
  /** The same channel, observed in place of the client, which stays silent from then on. */
  readonly inPlaceOfClient: (channel: Channel) => Channel;
}

export type DestinationOptions = Pick<
  OptionsOf<typeof relayFlags & typeof listenFlags & typeof dialerFlags & typeof encodingFlags>,
  | "balance"
  | "allowTarget"
  | "auth"
  | "handshakeTimeout"
  | "idleTimeout"
  | "via"
  | "bind"
  | "ipv4"
  | "ipv6"
  | "proxyProtocol"
  | "encoding"
  | "passHeaders"
>;

/** Whether all targets are known and need no network, so that its right can be given up. */
export function isLocal({ addresses }: Destination): boolean {
  const unixSchemes: readonly Scheme[] = UNIX_NEEDS_NET ? [] : ["unix", "unixgram", "ws+unix"];
  const localSchemes: readonly Scheme[] = [...unixSchemes, "exec", "sh", "stdio", ...FILE_SCHEMES];
  return addresses.length > 0 && addresses.every(({ scheme }) => localSchemes.includes(scheme));
}
