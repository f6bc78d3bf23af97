/** `--via` URLs: where a proxy is, how to speak to it, who we are to it. */
import { maskLogin, parseLogin } from "../address/login.ts";
import { UsageError } from "../core/errors.ts";
import type { Credentials } from "./socks5.ts";
import { parseTarget, type RequestedTarget } from "./target.ts";

export interface Proxy extends RequestedTarget {
  readonly scheme: "socks5" | "http";
  readonly credentials?: Credentials;
  /** The URL with its login masked, for messages. */
  readonly text: string;
}

const EXPECTED = "expected socks5://[user:password@]host:port or http://[user:password@]host:port";
/** User and password are at most this long in SOCKS5 (RFC 1929 §2), bytes. */
const LONGEST = 255;

/** Parses one `--via` URL. Throws a `UsageError`. */
export function parseProxy(text: string): Proxy {
  const [, scheme, login, authority] = /^(socks5|http):\/\/(?:(.*)@)?([^@/]*)\/?$/.exec(text) ?? [];
  const shown = maskLogin(text);
  const target = authority === undefined ? null : parseTarget(authority);
  if (!target) throw new UsageError(`--via "${shown}"`, EXPECTED);
  const credentials = login ? credentialsOf(login, scheme as Proxy["scheme"], shown) : undefined;
  return { scheme: scheme as Proxy["scheme"], ...target, credentials, text: shown };
}

/**
 * Both may be empty, but not SOCKS5's user (RFC 1929 §2); Basic ends its user at the first colon.
 */
function credentialsOf(login: string, scheme: Proxy["scheme"], shown: string): Credentials {
  const { user, password = "" } = parseLogin(login) ?? {};
  if (user !== undefined) {
    const credentials = { user, password };
    if (scheme === "socks5" ? fitsSocks(credentials) : fitsBasic(credentials)) return credentials;
  }
  const expected = scheme === "socks5"
    ? "expected a user and a password of at most 255 bytes, each percent-encoded"
    : "expected a user without colons and a password, each percent-encoded";
  throw new UsageError(`--via "${shown}"`, expected);
}

function fitsSocks({ user, password }: Credentials): boolean {
  const size = (text: string) => new TextEncoder().encode(text).length;
  return user !== "" && size(user) <= LONGEST && size(password) <= LONGEST;
}

/** RFC 7617 §2. */
function fitsBasic({ user, password }: Credentials): boolean {
  return !user.includes(":") && !/[\0-\x1f\x7f]/.test(user + password);
}
