/** Masks secrets in URLs: readers of a log need to know the address, not its key. */

/**
 * `//user:password@` (RFC 3986 §3.2.1). A password may have any character but a blank. One with a
 * slash needs a user's name before it, and digits alone before a slash are a port. `//[user:…` is
 * the form's description in help.
 */
const LOGIN = /\/\/(?!\[)(?:[^\s:@/?#]*:(?!\d+[/?#])\S*|[^\s/?#]*)@/g;

/** The same where an address has no path: a slash is part of the login. */
const LOGIN_WITHOUT_PATH = /\b(nats|socks4a|socks5h?|tcp|tls|udp):\/\/(?!\[)\S*@/gi;

/** One parameter of a path, a query or a fragment (RFC 3986 §3.3 to §3.5). */
const PARAMETER = /([?&;#])([\w.%[\]-]+)(=)((?:(?!;[\w.%-]+=)[^\s&#])+)/g;

/** The same in an address that is a parameter of another, percent-encoded. */
const NESTED = /(%3f|%26|%3b|%23)([\w.[\]-]+)(=|%3d)((?:(?!%3f|%26|%3b|%23)[^\s&#])+)/gi;

/** Punctuation of the sentence around a value. */
const CLOSING = /[:;,.)"']+$/;

/** Names of secrets, and words that mark one as the last of a name. */
const SECRET =
  /(?:token|secret|password|passwd|pwd|passphrase|apikey|signature|credentials?|bearer|sess(?:ion)?(?:_?id)?|(?<!com|by|tres|sur)pass)$|(?:^|[_.-])(?:key|auth|authorization|sig|sid|jwt|otp)$|^(?:auth(?:orization)?_)?code$/;

/** Header fields with credentials (RFC 9110 §11.6, RFC 6265). */
const FIELD =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api-key|x-[\w-]*(?:auth|key|token|secret))(\s*[:=]\s*)(?!\s*Basic …)[^\r\n]+/gi;

/** Credentials without their field's name (RFC 6750 §2.1, RFC 7617 §2). */
const CREDENTIALS = /\b(Bearer|Basic) (?!…)[^\s"',:]+/g;

/** A quoted address, which is one word even with blanks in it. */
const QUOTED = /"[^"\n]*:\/\/[^"\n]*"/g;
/** Placeholder of a blank in it: a private-use character (U+E000). */
const BLANK = "\ue000";

/** What every pattern above needs. Most texts of a log have none of it. */
const SUSPECT = /\/\/|=|%3d|%3f|%26|%3b|%23|Bearer |Basic |authorization|cookie|api-key|x-/i;

/** The same text with `***` for each secret. */
export function maskSecrets(text: string): string {
  if (!SUSPECT.test(text)) return text;
  return text
    .replace(QUOTED, (address) => address.replaceAll(" ", BLANK))
    .replace(LOGIN_WITHOUT_PATH, "$1://***@")
    .replace(LOGIN, "//***@")
    .replace(FIELD, "$1$2***")
    .replace(CREDENTIALS, "$1 ***")
    .replace(PARAMETER, withoutValue)
    .replace(NESTED, withoutValue)
    .replaceAll(BLANK, " ");
}

function withoutValue(
  whole: string,
  before: string,
  name: string,
  equals: string,
  value: string,
): string {
  if (!isSecret(name)) return whole;
  const closing = CLOSING.exec(value)?.[0] ?? "";
  return closing === value ? whole : `${before}${name}${equals}***${closing}`;
}

/** `access_token`, `clientSecret`, `%74oken`, `user[password]`, `token[]`. */
function isSecret(name: string): boolean {
  const words = decoded(name).replace(/\[?\]$/, "").replaceAll("[", "_");
  return SECRET.test(words.replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase());
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
