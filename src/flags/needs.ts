/** Refuses a command line on which an option couldn't act. */
import { PREFIXES, type Scheme } from "../address/schemes.ts";
import { AddressError, UsageError } from "../core/errors.ts";
import { flagName, type Flags } from "./flag.ts";
import type { AddressKind, Endpoint, Need, Sides } from "./need.ts";

/** The texts of each option on the command line, by its key. */
export type TextsByOption = ReadonlyMap<string, readonly string[]>;

/** The same flags, each with `need`. */
export function needing<F extends Flags>(need: Need | readonly Need[], flags: F): F {
  const needs = [need].flat();
  return Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [key, { ...flag, needs }]),
  ) as unknown as F;
}

/**
 * Throws a `UsageError` for the first option that can't act. Its message says what is needed. A
 * gate is an address to listen on, and one that is connected to.
 */
export function checkNeeds(flags: Flags, given: TextsByOption, { from, to }: Sides): void {
  const wrong = to.find(({ kind }) => isGate(kind));
  if (wrong) throw new AddressError(wrong.text!, "a gate can only be listened on");
  const sides = { from, to: [...to, ...from.filter(({ kind }) => isGate(kind))] };
  for (const [key, texts] of given) {
    for (const need of flags[key]!.needs ?? []) {
      const concerns = need.concerns ??
        (need.values && ((text: string) => need.values!.includes(text)));
      const value = concerns && texts.find(concerns);
      if ((concerns && value === undefined) || isMet(need, given, sides)) continue;
      const { short } = flags[key]!;
      const option = `${short ? `-${short}, ` : ""}--${flagName(key)}`;
      throw new UsageError([option, value].filter(Boolean).join(" "), shortfall(need, sides));
    }
  }
}

function isGate(kind: AddressKind): boolean {
  return kind.startsWith("gate");
}

function isMet({ ways, every }: Need, given: TextsByOption, sides: Sides): boolean {
  const has = (endpoints: readonly Endpoint[], kinds: readonly AddressKind[] | undefined) => {
    if (!kinds) return true;
    const fits = ({ kind }: Endpoint) => kinds.includes(kind);
    return every ? endpoints.every(fits) && endpoints.length > 0 : endpoints.some(fits);
  };
  const targets = sides.to.filter(({ kind }) => !isGate(kind)).length;
  return ways.some(({ from, to, targets: least = 0, beside, without }) =>
    has(sides.from, from) && has(sides.to, to) && targets >= least &&
    (!beside || isGiven(beside, given)) && !(without && isGiven(without, given))
  );
}

function isGiven(option: string, given: TextsByOption): boolean {
  const [key, value] = option.split("=");
  const texts = given.get(key!);
  return value === undefined ? texts !== undefined : texts?.includes(value) === true;
}

/** A message with the addresses that don't fit, and with those that would. */
function shortfall({ ways, every, expected }: Need, { from, to }: Sides): string {
  // What a gate takes beside it is left out where there are other ways.
  const plain = ways.filter((way) => !way.from?.every(isGate));
  const shown = plain.length > 0 ? plain : ways;
  const listens = shown.some((way) => way.from);
  const connects = shown.some((way) => way.to);
  const kinds = [...new Set(shown.flatMap((way) => [...way.from ?? [], ...way.to ?? []]))];
  if (kinds.length === 0) return expected ? `needs ${expected}` : shortOfOptions(ways);
  const concerned = [...listens ? from : [], ...connects ? to : []].filter(isWritten);
  if (concerned.length === 0) {
    return listens && connects
      ? "there is no address that it could be for"
      : `nothing is ${listens ? "listened on" : "connected to"} here`;
  }
  const wrong = every ? concerned.filter(({ kind }) => !kinds.includes(kind)) : concerned;
  const unfit = wrong.map(({ text, kind }) => `${text} is ${NAMES[kind]}`).join(", ");
  const sufficient = sufficientKinds(shown) ?? kinds;
  const meant = wrong.length === 1 && !expected ? suggested(wrong[0]!, sufficient) : undefined;
  if (meant) return `${unfit}; did you mean ${meant}?`;
  return `${unfit}; ${every && !expected ? "every address must be" : "expected"} ${
    expected ?? listed(sufficient)
  }`;
}

/** Kinds that need no other option besides; undefined where there are none. */
function sufficientKinds(ways: Need["ways"]): AddressKind[] | undefined {
  const kinds = ways.filter(({ beside }) => beside === undefined)
    .flatMap(({ from = [], to = [] }) => [...from, ...to]);
  return kinds.length > 0 ? [...new Set(kinds)] : undefined;
}

/** A message with the options that are missing, or that are too many. */
function shortOfOptions(ways: Need["ways"]): string {
  const listed = (key: "beside" | "without") =>
    ways.flatMap((way) => way[key] === undefined ? [] : `--${flagName(way[key])}`).join(" or ");
  const wanted = listed("beside");
  return wanted ? `needs ${wanted}` : `can't be combined with ${listed("without")}`;
}

function isWritten(endpoint: Endpoint): endpoint is Required<Endpoint> {
  return endpoint.text !== undefined;
}

const NAMES: Readonly<Record<AddressKind, string>> = {
  tcp: "plain TCP",
  tls: "TLS",
  udp: "UDP",
  ws: "a plain WebSocket",
  wss: "a WebSocket over TLS",
  gate: "a port of a gate",
  "gate+tls": "a port of a gate over TLS",
  "gate+ws": "a port of a gate over a WebSocket",
  "gate+wss": "a port of a gate over a WebSocket and TLS",
  unix: "a Unix socket",
  unixgram: "a Unix socket for datagrams",
  "ws+unix": "a WebSocket over a Unix socket",
  "unix:@": "an abstract Unix socket",
  "unixgram:@": "an abstract Unix socket for datagrams",
  "ws+unix:@": "a WebSocket over an abstract Unix socket",
  exec: "a command",
  sh: "a command",
  stdio: "stdin and stdout",
  own: "stdin and stdout",
  file: "a file",
  "file+read": "a file that is read",
  "file+append": "a file that is appended to",
  "socks5:": "a proxy server",
  "http-proxy:": "a proxy server",
};

/** Kinds that an address would have with another scheme and nothing else changed. */
const RELATED: Readonly<Partial<Record<AddressKind, readonly AddressKind[]>>> = {
  tcp: ["tls", "ws", "udp"],
  tls: ["wss"],
  ws: ["wss"],
  unix: ["ws+unix"],
  "unix:@": ["ws+unix:@"],
};

function suggested(
  { kind, text }: Required<Endpoint>,
  kinds: readonly AddressKind[],
): string | undefined {
  const scheme = RELATED[kind]?.find((related) => kinds.includes(related));
  return scheme &&
    PREFIXES[scheme.replace(/:@$/, "") as Scheme] + text.replace(/^(?:\w+:\/\/|unix:)/i, "");
}

/** `tls:// or wss://`. Gates and proxy servers are listed only where they are all there is. */
function listed(kinds: readonly AddressKind[]): string {
  const schemes = kinds.filter((kind) => kind in PREFIXES) as Scheme[];
  const plain = schemes.filter((scheme) => !isGate(scheme));
  const shown = plain.length > 0 ? plain : schemes;
  const forms = shown.length > 0 ? shown.map((scheme) => PREFIXES[scheme]) : kinds;
  return forms.join(", ").replace(/, (?=[^,]*$)/, " or ");
}
