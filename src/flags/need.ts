/** What an option can need to act: addresses of some kind, or another option beside it. */
import type { Scheme } from "../address/address.ts";

/** A kind of address; the last two are TOs that make FROM of a relay a proxy server. */
export type AddressKind = Scheme | "socks5:" | "http-proxy:";

/** An address as an option sees it. */
export interface Endpoint {
  readonly kind: AddressKind;
  /** As it was written; nothing for what the command itself adds (our stdin and stdout). */
  readonly text?: string;
}

/** Where the connections of a command line come from and where they lead, as in `relay FROM TO`. */
export interface Sides {
  readonly from: readonly Endpoint[];
  readonly to: readonly Endpoint[];
}

/** One way in which an option can act; all of what it names has to be there. */
interface Way {
  /** Kinds of which FROM has to be one. */
  readonly from?: readonly AddressKind[];
  /** Kinds of which TO has to be one. */
  readonly to?: readonly AddressKind[];
  /** Another option, by its key: `expect`, or `proxyProtocol=in` for a value of it. */
  readonly beside?: string;
}

export interface Need {
  /** One of these is enough. */
  readonly ways: readonly Way[];
  /** The option protects, so that every address of the sides named has to be of those kinds. */
  readonly every?: boolean;
  /** The values of the option that need it; all, where none are named. */
  readonly values?: readonly string[];
  /** What would do, for the message, where the kinds don't say it. */
  readonly expected?: string;
}
