/**
 * Parts of an HTTP head, from options. Each parser throws a plain `Error` with what was expected.
 */

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** Fields whose values the handshake sets. */
const RESERVED = /^(?:connection|upgrade|content-length|transfer-encoding|sec-websocket-.*)$/i;

/** Whether it is a token (RFC 9110 §5.6.2). */
export function isToken(text: string): boolean {
  return TOKEN.test(text);
}

/** Parses a token (RFC 9110 §5.6.2). */
export function parseToken(text: string): string {
  if (!isToken(text)) throw new Error("expected a name without spaces, commas and quotes");
  return text;
}

/** Parses `Name: value` (RFC 9112 §5); the value can't inject another line. */
export function parseField(text: string): [name: string, value: string] {
  const colon = text.indexOf(":");
  const [name, value] = [text.slice(0, colon), text.slice(colon + 1).trim()];
  if (
    colon < 0 || !TOKEN.test(name) || /[\0-\x08\x0a-\x1f\x7f]/.test(value) || !value.isWellFormed()
  ) {
    throw new Error("expected 'Name: value' without control characters");
  }
  if (RESERVED.test(name)) throw new Error(`expected another field: the handshake sets ${name}`);
  return [name, value];
}
