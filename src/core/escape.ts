/**
 * Escapes a peer's text. A terminal obeys control characters: they can rewrite the screen, set the
 * clipboard or type commands. Bidirectional controls make text look like another text.
 */

/** C0 but tab and newline, DEL, C1, Unicode's bidirectional controls and line separators. */
const UNSAFE = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
/** The same with tab and newline, which would break a line. */
const UNSAFE_IN_LINE = /[\0-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\0": "\\0" };

function escapeOne(char: string): string {
  const code = char.charCodeAt(0);
  return SHORT[char] ??
    (code < 0x100
      ? `\\x${code.toString(16).padStart(2, "0")}`
      : `\\u{${code.toString(16).padStart(4, "0")}}`);
}

/** Escapes text for a terminal; newlines and tabs stay. */
export function escapeText(text: string): string {
  return text.replace(UNSAFE, escapeOne);
}

/** Escapes text for one line of a log, newlines and tabs too. */
export function escapeLine(text: string): string {
  return text.replace(UNSAFE_IN_LINE, escapeOne);
}

/** Escapes JSON text with `\uXXXX`, so that it parses to the same value. */
export function escapeJson(json: string): string {
  return json.replace(
    UNSAFE_IN_LINE,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
