/** `--via` URLs: a proxy's address, its protocol, and our credentials. */
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
/** Longest user and password in SOCKS5 (RFC 1929 §2), bytes. */
const MAX_LENGTH = 255;

/** Parses one `--via` URL. Throws a `UsageError`. */
export function parseProxy(text: string): Proxy {
  const [, scheme, login, authority] = /^(socks5|http):\/\/(?:(.*)@)?([^@/]*)\/?$/.exec(text) ?? [];
  const masked = maskLogin(text);
  const target = authority === undefined ? null : parseTarget(authority);
  if (!target) throw new UsageError(`--via "${masked}"`, EXPECTED);
  const credentials = login ? credentialsOf(login, scheme as Proxy["scheme"], masked) : undefined;
  return { scheme: scheme as Proxy["scheme"], ...target, credentials, text: masked };
}

/**
 * Parses user and password, which may be empty. Throws a `UsageError` for what the scheme excludes.
 */
function credentialsOf(login: string, scheme: Proxy["scheme"], masked: string): Credentials {
  const { user, password = "" } = parseLogin(login) ?? {};
  if (user !== undefined) {
    const credentials = { user, password };
    if (scheme === "socks5" ? fitsSocks(credentials) : fitsBasic(credentials)) return credentials;
  }
  const expected = scheme === "socks5"
    ? "expected a user and a password of at most 255 bytes, each percent-encoded"
    : "expected a user without colons and a password, each percent-encoded";
  throw new UsageError(`--via "${masked}"`, expected);
}

/** Whether RFC 1929 §2 allows these: a user of at least one byte. */
function fitsSocks({ user, password }: Credentials): boolean {
  const size = (text: string) => new TextEncoder().encode(text).length;
  return user !== "" && size(user) <= MAX_LENGTH && size(password) <= MAX_LENGTH;
}

/** Whether RFC 7617 §2 allows these: the first colon ends the user. */
function fitsBasic({ user, password }: Credentials): boolean {
  return !user.includes(":") && !/[\0-\x1f\x7f]/.test(user + password);
}
