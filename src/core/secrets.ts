/** Secrets in URLs: who reads a log needs to know where a connection went, and not with what key. */

/** `//user:password@` (RFC 3986 §3.2.1); brackets stand in descriptions of it. */
const LOGIN = /\/\/[^\s/?#[\]]*@/g;

/**
 * The value of a query's key that names a secret, by itself or as its last word: `access_token`,
 * `clientSecret`. What closes a sentence or a quotation after it is no part of it.
 */
const VALUE = new RegExp(
  "([?&](?:[\\w.-]*(?:token|secret|password|passwd|pwd|apikey|signature|credential)" +
    "|(?:[\\w.-]*[_.-])?(?:key|auth|sig|jwt))=)" +
    "[^\\s&#\"']+?(?=[:;,.)]*(?:[\\s&#\"']|$))",
  "gi",
);

/** The same text with `***` for each secret. */
export function maskSecrets(text: string): string {
  return text.replace(LOGIN, "//***@").replace(VALUE, "$1***");
}
