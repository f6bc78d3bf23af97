/** Addresses of proxies: as requests give them, as they are shown, and when two are the same. */
import {
  type Address,
  ANY,
  canListen,
  formatHostPort,
  isGate,
  parseAddress,
} from "../address/address.ts";
import { canonicalHost, LOOPBACK } from "../address/ip.ts";
import { type CoaxError, UnavailableError } from "../core/errors.ts";
import { HttpError } from "../http/http_error.ts";
import { isProxyKind } from "../proxy/kind.ts";

/** Where a proxy listens that says nothing about it. */
const ANY_PORT = `${LOOPBACK}:0`;

/** Parses a proxy's `listen`; an empty one is any port. Throws an `HttpError`. */
export function parseListen(text: string): Address {
  let address: Address;
  try {
    address = parseAddress(text === "" ? ANY_PORT : text);
  } catch (error) {
    throw new HttpError(500, `listen tcp: ${malformed(text, error as Error)}`);
  }
  if (!canListen(address)) throw new HttpError(500, `listen ${text}: can't be listened on`);
  return address;
}

/** What is wrong with an address; in toxiproxy's words where it has some. */
function malformed(text: string, { message }: Error): string {
  if (!/[:/]/.test(text)) return `address ${text}: missing port in address`;
  const [, port] = /^[^:/]*:([^:/]*[^:/\d][^:/]*)$/.exec(text) ?? [];
  return port === undefined ? message : `address tcp/${port}: unknown port`;
}

/** Checks a proxy's `upstream`. Throws an `HttpError`. */
export function checkUpstream(text: string): void {
  if (isProxyKind(text)) return;
  let address: Address;
  try {
    address = parseAddress(text);
  } catch (error) {
    throw new HttpError(400, `upstream ${(error as Error).message}`);
  }
  const refuse = (why: string) => new HttpError(400, `upstream "${text}": ${why}`);
  if (address.scheme === "stdio") throw refuse("stdin and stdout belong to the command");
  if (isGate(address)) throw refuse("a gate can only be listened on");
  if ("port" in address && address.port === 0) throw refuse("port 0 can only be listened on");
}

/** Whether both are listened on at the same place: `localhost:1` is `127.0.0.1:1`. */
export function isSamePlace(one: Address, other: Address): boolean {
  return placeOf(one) === placeOf(other);
}

function placeOf(address: Address): string {
  const path = "path" in address ? address.path ?? "" : "";
  if (!("host" in address)) {
    const socket = "socket" in address ? `${address.socket}:` : "";
    return `${address.scheme} ${socket}${path}`;
  }
  const { scheme, host, port } = address;
  const asked = isGate(address) ? `/${address.asked}` : "";
  const ip = host === LOOPBACK ? "127.0.0.1" : host === ANY ? "::" : canonicalHost(host);
  return `${scheme} ${ip.toLowerCase()} ${port} ${path}${asked}`;
}

/** The address that a proxy listens on from now on: with the port that it has got. */
export function withPortOf(address: Address, bound: string): Address {
  if (!("port" in address) || address.port !== 0) return address;
  const { port } = parseAddress(bound) as Extract<Address, { port: number }>;
  const path = "path" in address ? address.path : undefined;
  return parseAddress(withoutTcp(formatHostPort(address.scheme, address.host, port, path)));
}

/** TCP as toxiproxy shows it: `127.0.0.1:41687`. */
function withoutTcp(text: string): string {
  return text.replace(/^tcp:\/\//, "");
}

/** One of the bound addresses as `listen` shows it. */
export function shownListen(address: Address, bound: readonly string[]): string {
  const isAny = "host" in address && address.host === ANY;
  const shown = isAny ? bound.find((one) => one.includes("[::]")) : undefined;
  return withoutTcp(shown ?? bound[0]!);
}

/** Schemes whose errors of listening are toxiproxy's, as far as it has those. */
const TCP_SCHEMES: readonly string[] = ["tcp", "tls", "ws", "wss"];

/** The message for an error of listening. */
export function listenFailure(address: Address, error: CoaxError): string {
  if (!(error instanceof UnavailableError) || !TCP_SCHEMES.includes(address.scheme)) {
    return error.message;
  }
  const { host, port } = address as Extract<Address, { port: number }>;
  const shown = host === LOOPBACK ? "127.0.0.1" : host === ANY ? "" : host;
  const place = withoutTcp(formatHostPort("tcp", shown, port));
  const [inShort] = /^[^;]*/.exec(error.reason)!; // Without advice, which toxiproxy doesn't give.
  const reason = inShort.replace(/^address in use$/, "address already in use");
  return `listen tcp ${place}: bind: ${reason}`;
}
