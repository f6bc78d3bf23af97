/** Names of hosts. */

/** What a name is written with, in any script. */
const WRITTEN = /^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u;
/** A name that goes over the wire as it is written. */
const PLAIN = /^(?!(?:.*\.)?xn--)[\x21-\x7e]+$/i;
/** Of a name and of each of its labels, without the final dot, bytes (RFC 1035 §2.3.4). */
const LONGEST = 253;
const LONGEST_LABEL = 63;

/**
 * A host's name as DNS, TLS, HTTP and proxies know it: `bücher.example` is `xn--bcher-kva.example`
 * (UTS 46). Undefined for what is no name.
 */
export function hostName(text: string): string | undefined {
  if (!WRITTEN.test(text)) return undefined;
  const name = PLAIN.test(text) ? text : inAscii(text);
  const whole = name?.replace(/\.$/, "");
  if (!whole || whole.length > LONGEST) return undefined;
  const fits = whole.split(".").every((label) => label !== "" && label.length <= LONGEST_LABEL);
  return fits ? name : undefined;
}

/** Digits of another script make no address: others may read them differently. */
function inAscii(text: string): string | undefined {
  const url = `http://${text}/`;
  const name = URL.canParse(url) ? new URL(url).hostname : "";
  return /^[\d.]*$/.test(name) ? undefined : name;
}
