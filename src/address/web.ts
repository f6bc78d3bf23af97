/** Addresses of HTTP: URLs, and the host that a request names. */
import { AddressError } from "../core/errors.ts";
import { type Address, ANY, formatHostPort, type HostPort, parseAddress } from "./address.ts";
import { LOOPBACK } from "./ip.ts";
import type { Login } from "./login.ts";

/** A page on the web. */
export interface WebUrl extends HostPort {
  readonly isSecure: boolean;
  /** Path and query. */
  readonly path: string;
  readonly login?: Login;
  /** The URL as the user wrote it, its login masked, for messages. */
  readonly text: string;
}

/**
 * Parses `http://` and `https://` URLs, which have the forms of `ws://` and `wss://`; undefined for
 * any other text. Throws an `AddressError` for a malformed one.
 */
export function parseWebUrl(text: string): WebUrl | undefined {
  const [, secure, rest] = /^http(s?)(:\/\/.*)$/is.exec(text) ?? [];
  if (rest === undefined) return undefined;
  const asWritten = (other: string) => other.replace(/^wss?/, text.slice(0, 4 + secure!.length));
  try {
    const address = parseAddress(`ws${secure!.toLowerCase()}${rest}`);
    if (address.scheme !== "ws" && address.scheme !== "wss") return undefined;
    const { host, port, path = "/", login } = address;
    return { isSecure: secure !== "", host, port, path, login, text: asWritten(address.text) };
  } catch (error) {
    if (!(error instanceof AddressError)) throw error;
    throw new AddressError(asWritten(error.text), error.reason);
  }
}

/** The value of `Host`: the name in ASCII, without the scheme's default port (RFC 9112 §3.2). */
export function hostField(isSecure: boolean, { host, port }: HostPort): string {
  const name = host === ANY ? LOOPBACK : host.replace(/%.*$/, "");
  return new URL(formatHostPort(isSecure ? "https" : "http", name, port)).host;
}

/** Whether it is the address of a WebSocket. */
export function isWebSocket({ scheme }: Address): boolean {
  return scheme === "ws" || scheme === "wss" || scheme === "ws+unix";
}
