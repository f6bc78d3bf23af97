/** Secrets in URLs: who reads a log needs to know where a connection went, and not with what key. */

/**
 * `//user:password@` (RFC 3986 §3.2.1). A password may have any character but a blank; before a
 * slash there is one only behind a user's name, and behind digits alone it is a port. Brackets stand
 * in descriptions of it.
 */
const LOGIN = /\/\/(?:[^\s/?#[\]]*|[^\s:@/?#[\]]*:(?!\d+[/?#])[^\s[\]]*)@/g;

/** A part of a query or of parameters (RFC 3986 §3.3, §3.4), as far as a log's line may go on. */
const PARAMETER = /([?&;#])([\w.%-]+)=((?:(?!;[\w.%-]+=)[^\s&#])+)/g;

/** What closes a sentence or a quotation after a value is no part of it. */
const CLOSING = /[:;,.)"']+$/;

/** Names of secrets, and words that are one when they end a name. */
const SECRET =
  /(?:token|secret|password|passwd|pwd|passphrase|apikey|signature|credentials?|bearer|sess(?:ion)?(?:_?id)?|(?<!com|by|tres|sur)pass)$|(?:^|[_.-])(?:key|auth|authorization|sig|sid|jwt)$/;

/** Fields of a request that prove who asks (RFC 9110 §11.6, RFC 6265). */
const FIELD =
  /\b((?:proxy-)?authorization|(?:set-)?cookie|(?:x-)?api-key|x-[\w-]*(?:key|token|secret))(\s*:\s*)[^\r\n]+/gi;

/** The same text with `***` for each secret. */
export function maskSecrets(text: string): string {
  return text.replace(LOGIN, "//***@").replace(FIELD, "$1$2***").replace(PARAMETER, withoutValue);
}

function withoutValue(whole: string, before: string, name: string, value: string): string {
  if (!isSecret(name)) return whole;
  const closing = CLOSING.exec(value)?.[0] ?? "";
  return closing === value ? whole : `${before}${name}=***${closing}`;
}

/** `access_token`, `clientSecret`, `%74oken`. */
function isSecret(name: string): boolean {
  return SECRET.test(decoded(name).replace(/([a-z\d])([A-Z])/g, "$1_$2").toLowerCase());
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
