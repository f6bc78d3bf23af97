/** `--via` URLs: a proxy's address, its protocol, and our credentials. */
import { fitsBasic, type Login, maskLogin, parseLogin } from "../address/login.ts";
import { UsageError } from "../core/errors.ts";
import type { Credentials } from "./socks5.ts";
import { parseTarget, type RequestedTarget } from "./target.ts";

export interface Proxy extends RequestedTarget {
  readonly scheme: "socks5" | "socks4a" | "http";
  readonly credentials?: Credentials;
  /** The URL with its login masked, for messages. */
  readonly text: string;
}

const EXPECTED =
  "expected socks5://[user:password@]host:port, http://[user:password@]host:port or " +
  "socks4a://[user@]host:port";
const URL_FORM = /^(socks5h?|socks4a|http):\/\/(?:(.*)@)?([^@/]*)\/?$/;
/** Longest user and password in SOCKS5 (RFC 1929 §2), and user in SOCKS4, bytes. */
const MAX_LENGTH = 255;

/** Parses one `--via` URL. Throws a `UsageError`. */
export function parseProxy(text: string): Proxy {
  const [, written, login, authority] = URL_FORM.exec(text) ?? [];
  const masked = maskLogin(text);
  const target = authority === undefined ? null : parseTarget(authority);
  if (!target) throw new UsageError(`--via "${masked}"`, EXPECTED);
  // `socks5h` is curl's word for a name that the proxy resolves; all of ours do.
  const scheme = (written === "socks5h" ? "socks5" : written) as Proxy["scheme"];
  const credentials = login ? credentialsOf(login, scheme, masked) : undefined;
  return { scheme, ...target, credentials, text: masked };
}

/**
 * Parses user and password, which may be empty. Throws a `UsageError` for what the scheme excludes.
 */
function credentialsOf(login: string, scheme: Proxy["scheme"], masked: string): Credentials {
  const parsed = parseLogin(login);
  const { fits, expected } = LOGINS[scheme];
  if (parsed && fits(parsed)) return { user: parsed.user, password: parsed.password ?? "" };
  throw new UsageError(`--via "${masked}"`, `expected ${expected}, percent-encoded`);
}

/** By scheme: the logins that it can send. */
const LOGINS: Readonly<
  Record<Proxy["scheme"], { fits: (login: Login) => boolean; expected: string }>
> = {
  socks5: { fits: fitsSocks5, expected: "a user and a password of at most 255 bytes, each" },
  socks4a: { fits: fitsSocks4, expected: "a user of at most 255 bytes and no password" },
  http: { fits: fitsBasic, expected: "a user without colons and a password, each" },
};

/** Whether RFC 1929 §2 allows these: a user of at least one byte. */
function fitsSocks5({ user, password = "" }: Login): boolean {
  return user !== "" && size(user) <= MAX_LENGTH && size(password) <= MAX_LENGTH;
}

/** Whether SOCKS4 has a way to send it: its user ends with a NUL, and there is no password. */
function fitsSocks4({ user, password }: Login): boolean {
  return password === undefined && !user.includes("\0") && size(user) <= MAX_LENGTH;
}

const size = (text: string) => new TextEncoder().encode(text).length;
