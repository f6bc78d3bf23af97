/** Text and bytes of strangers in characters that can do no harm, wherever they are drawn. */

/**
 * Control characters, format characters, what renders as nothing, lone surrogates, private and
 * unassigned characters, and line separators.
 */
const UNPRINTABLE = /[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu;
/** Combining marks stacked on one character: a few spell a word, many cover other lines. */
const STACK = /(\p{M}{3})\p{M}+/gu;

const SHORT: Readonly<Record<string, string>> = {
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\0": "\\0",
};

/** The text with `\n`, `\x1b` and `\u{202e}` for what can't be shown. */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, escape).replace(STACK, "$1…");
}

function escape(char: string): string {
  const hex = char.codePointAt(0)!.toString(16);
  return SHORT[char] ?? (hex.length < 3 ? `\\x${hex.padStart(2, "0")}` : `\\u{${hex}}`);
}

/** Bytes that a preview shows at most. */
export const PREVIEW = 240;

/** Characters that text has few of. */
const CONTROL = /[\0-\x08\x0e-\x1f\x7f]/g;
/** The most of them in a text, as a part of its length. */
const CONTROL_SHARE = 0.1;

/**
 * The first bytes of a payload: text in quotes, anything else in hexadecimal.
 *
 * @param bytes At least the first `PREVIEW` ones, or all.
 * @param isText Whether the payload is marked as text.
 */
export function previewOf(bytes: Uint8Array, isText: boolean | undefined): string {
  const shown = bytes.subarray(0, PREVIEW);
  const text = isText ? decode(shown, false) : decode(shown, true);
  const isReadable = text !== undefined &&
    (isText || (text.match(CONTROL)?.length ?? 0) <= text.length * CONTROL_SHARE);
  if (isReadable) return `"${printable(text)}${shown.length < bytes.length ? "…" : ""}"`;
  const hex = [...shown].map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
  return shown.length < bytes.length ? `${hex} …` : hex;
}

/** The characters of UTF-8 up to one that is cut off; undefined for what isn't UTF-8 if `fatal`. */
function decode(bytes: Uint8Array, fatal: boolean): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal, ignoreBOM: true }).decode(bytes, { stream: true });
  } catch {
    return undefined;
  }
}
