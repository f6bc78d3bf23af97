/** Conditions for an option to act: addresses of some kind, or another option. */
import type { Scheme } from "../address/schemes.ts";

/**
 * A kind of address: a scheme, with an `@` where it is that of an abstract socket. `own` is that of
 * our stdin and stdout where no operand names them. The last two, as TO of a relay, make its FROM a
 * proxy server.
 */
export type AddressKind =
  | Scheme
  | "own"
  | "unix:@"
  | "unixgram:@"
  | "ws+unix:@"
  | "socks5:"
  | "http-proxy:";

/** An address of a command line, with its kind. */
export interface Endpoint {
  readonly kind: AddressKind;
  /** The address as written; undefined for our stdin and stdout, which the command adds. */
  readonly text?: string;
}

/** The two sides of a command line: where connections are accepted from and dialled to. */
export interface Sides {
  readonly from: readonly Endpoint[];
  readonly to: readonly Endpoint[];
}

/** One condition under which an option can act; all of its fields must be met. */
interface Way {
  /** Kinds of which FROM must be one. */
  readonly from?: readonly AddressKind[];
  /** Kinds of which TO must be one. */
  readonly to?: readonly AddressKind[];
  /** How many addresses TO must have, at least. */
  readonly targets?: number;
  /** Key of another option that must be given: `expect`, or `proxyProtocol=in` with a value. */
  readonly beside?: string;
  /** Key of an option that must not be given, with a value as in `beside`. */
  readonly without?: string;
}

export interface Need {
  /** Alternatives, of which one must be met. */
  readonly ways: readonly Way[];
  /** Whether every address of those sides must fit, as for an option that protects. */
  readonly every?: boolean;
  /** Values of the option that have this need; all values where it is undefined. */
  readonly values?: readonly string[];
  /** Whether a value of the option has this need, where it takes more than a list to say. */
  readonly concerns?: (value: string) => boolean;
  /** What the message says is expected, where a list of kinds wouldn't do. */
  readonly expected?: string;
}
