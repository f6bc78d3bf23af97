/** What a person types or opens to come into a room, from the addresses that it is bound to. */
import { type Address, formatAuthority, parseAddress } from "../address/address.ts";
import { isIPv6, isUnspecified, LOOPBACK } from "../address/ip.ts";
import { quoteWord } from "../address/words.ts";

/** One way into the room. */
export type Invitation =
  /** A page to open in a browser. */
  | { readonly event: "open"; readonly url: string; readonly text: string }
  /** A command to type in a terminal. */
  | { readonly event: "join"; readonly command: string; readonly text: string };

/** Loopback addresses that `localhost` stands for. */
const LOCAL: ReadonlySet<string> = new Set(["127.0.0.1", "::1", LOOPBACK]);
const STANDARD_PORTS: Readonly<Record<string, number>> = { http: 80, https: 443 };

/**
 * The ways into a room, each once: this machine's first.
 *
 * @param bound Bound addresses, as they are printed.
 * @param own This machine's addresses, for a listener on every interface.
 * @param pin The pin of a self-signed certificate (`sha256:…`), which no client trusts otherwise.
 */
export function invitationsTo(
  bound: readonly string[],
  own: readonly string[],
  pin?: string,
): Invitation[] {
  const all = bound.map(parseAddress).flatMap((address) => invitations(address, own, pin));
  return [...new Map(all.map((one) => [one.text, one])).values()];
}

function invitations(address: Address, own: readonly string[], pin?: string): Invitation[] {
  switch (address.scheme) {
    case "ws":
    case "wss": {
      const scheme = address.scheme === "ws" ? "http" : "https";
      return hostsOf(address.host, own).map((host) => {
        const { port, path = "/" } = address;
        const whole = formatAuthority({ host, port });
        const authority = port === STANDARD_PORTS[scheme] ? whole.replace(/:\d+$/, "") : whole;
        return opened(`${scheme}://${authority}${path.startsWith("/") ? "" : "/"}${path}`);
      });
    }
    case "tcp":
    case "tls":
    case "udp": {
      const scheme = address.scheme === "tcp" ? "" : `${address.scheme}://`;
      const option = address.scheme === "tls" && pin ? ` --pin ${pin}` : "";
      return hostsOf(address.host, own).map((host) => {
        const { port } = address;
        const place = host === LOOPBACK ? `${port}` : formatAuthority({ host, port });
        return joined(`${scheme}${place}`, option);
      });
    }
    default:
      return [joined(address.text, "")];
  }
}

/** The hosts by which others reach a bound one. */
function hostsOf(host: string, own: readonly string[]): string[] {
  if (LOCAL.has(host)) return [LOOPBACK];
  if (!isUnspecified(host)) return [host];
  // A socket at `::` takes both families; its other half is printed as well.
  return [LOOPBACK, ...own.filter((address) => isIPv6(address) === isIPv6(host))];
}

function opened(url: string): Invitation {
  return { event: "open", url, text: `open ${url}` };
}

function joined(address: string, option: string): Invitation {
  const command = `coax client ${quoteWord(address)}${option}`;
  return { event: "join", command, text: `join: ${command}` };
}
