/** Redirects of the opening handshake (RFC 6455 §4.1, RFC 9110 §15.4). */
import { RefusedError } from "../core/errors.ts";
import type { Field, ResponseHead } from "../http/head.ts";

const STATUSES: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** A server's answer that the WebSocket is elsewhere. */
export class RedirectError extends RefusedError {
  /** @param location Where, as the server wrote it: a URL, or a part of one. */
  constructor(address: string, readonly line: string, readonly location: string) {
    super("handshake", address, `${line}: it is at ${location}; --follow N goes there`);
  }

  /** The same for one redirect too many. */
  afterAll(followed: number): RefusedError {
    return this.refused(`after ${followed} redirects, which are all that --follow allows`);
  }

  /** An error with the reason why this one isn't followed. */
  refused(why: string): RefusedError {
    return new RefusedError(
      "handshake",
      this.address,
      `${this.line}: it is at ${this.location}, ${why}`,
    );
  }
}

/** The redirect that an answer is, or undefined. */
export function redirectOf(
  { status, line, headers }: ResponseHead,
  address: string,
): RedirectError | undefined {
  const location = headers.get("location");
  if (!STATUSES.has(status) || !location) return undefined;
  return new RedirectError(address, line, location);
}

/** Where a redirect leads. */
export interface Destination {
  readonly isSecure: boolean;
  /** Host and port, IPv6 in brackets; the port only where it isn't the scheme's own. */
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
}

const SECURE: Readonly<Record<string, boolean>> = {
  "http:": false,
  "ws:": false,
  "https:": true,
  "wss:": true,
};

/**
 * The URL that a redirect from `base` leads to. Throws a `RefusedError` for one that can't be
 * followed: no WebSocket's, one with a login in it, or one that leaves TLS.
 */
export function destinationOf(redirect: RedirectError, base: Destination): Destination {
  const { location } = redirect;
  const from = `${base.isSecure ? "https" : "http"}://${base.authority}${base.path}`;
  if (!URL.canParse(location, from)) throw redirect.refused("which is no URL");
  const { protocol, username, password, host, pathname, search } = new URL(location, from);
  const isSecure = SECURE[protocol];
  if (isSecure === undefined) throw redirect.refused("which is no address of a WebSocket");
  if (username || password) throw redirect.refused("which has a login in it");
  if (base.isSecure && !isSecure) throw redirect.refused("which isn't TLS any more");
  return { isSecure, authority: host, path: pathname + search };
}

/** Names of fields with credentials (RFC 9110 §11.6, RFC 6265), and the one that names the host. */
const OWN = /auth|cookie|token|secret|api-?key|^host$/i;

/** The fields that another origin may get, too. */
export function withoutCredentials(fields: readonly Field[]): Field[] {
  return fields.filter(([name]) => !OWN.test(name));
}
