/** Host names. */

/** Characters of a name in any script: made where one is met, since that takes a millisecond. */
const inAnyScript = () => new RegExp("^[\\p{L}\\p{N}_][\\p{L}\\p{N}\\p{M}_.-]*$", "u");
/** A name that is sent as it is written. */
const PLAIN = /^(?!(?:.*\.)?xn--)[\x21-\x7e]+$/i;
/** Longest name without its final dot, and longest label, bytes (RFC 1035 §2.3.4). */
const LONGEST = 253;
const LONGEST_LABEL = 63;

/**
 * A host name in ASCII, as DNS, TLS, HTTP and proxies take it: `xn--bcher-kva.example` for
 * `bücher.example` (UTS 46). Undefined for an invalid name.
 */
export function hostName(text: string): string | undefined {
  if (!isWrittenAsName(text)) return undefined;
  const name = PLAIN.test(text) ? text : inAscii(text);
  const whole = name?.replace(/\.$/, "");
  if (!whole || whole.length > LONGEST) return undefined;
  const fits = whole.split(".").every((label) => label !== "" && label.length <= LONGEST_LABEL);
  return fits ? name : undefined;
}

/** Whether a text has only characters of a name, in any script. */
export function isWrittenAsName(text: string): boolean {
  return /^\w[\w.-]*$/.test(text) || inAnyScript().test(text);
}

/** Refuses digits of another script that would become an IP address. */
function inAscii(text: string): string | undefined {
  const url = `http://${text}/`;
  const name = URL.canParse(url) ? new URL(url).hostname : "";
  return /^[\d.]*$/.test(name) ? undefined : name;
}
