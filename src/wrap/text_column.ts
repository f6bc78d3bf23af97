/**
 * The text column of a hexdump, in UTF-8, with a dot for what can't be shown. A character that is
 * split between two rows or reads is dots in both, and named behind the second.
 */

/** Control characters, combining marks, and spaces other than U+0020. */
const UNSHOWABLE = /[\p{C}\p{M}\p{Z}]/u;

export class TextColumn {
  /** Bytes of an incomplete character at the end of the last row. */
  #partial: number[] = [];

  /** The column for the next bytes, with the character that they complete: `|..llo|  U+4F60 你`. */
  row(bytes: Uint8Array): string {
    const completing = this.#complete(bytes);
    let text = ".".repeat(completing.count);
    for (let at = completing.count; at < bytes.length;) {
      const length = lengthOf(bytes[at]!);
      const rest = bytes.subarray(at, at + length);
      if (rest.length < length && rest.subarray(1).every(isContinuation)) {
        this.#partial = [...rest];
        return `|${text}${".".repeat(rest.length)}|${completing.note}`;
      }
      const char = decode(rest);
      text += show(char) ?? ".";
      at += char === undefined ? 1 : length;
    }
    return `|${text}|${completing.note}`;
  }

  /** How many of `bytes` continue the incomplete character, and its name if they complete it. */
  #complete(bytes: Uint8Array): { count: number; note: string } {
    const partial = this.#partial;
    if (partial.length === 0) return { count: 0, note: "" };
    const length = lengthOf(partial[0]!);
    let count = 0;
    while (partial.length < length && count < bytes.length && isContinuation(bytes[count]!)) {
      partial.push(bytes[count++]!);
    }
    const isIncomplete = partial.length < length && count === bytes.length;
    if (isIncomplete) return { count, note: "" };
    this.#partial = [];
    const char = partial.length === length ? decode(Uint8Array.from(partial)) : undefined;
    return { count, note: char === undefined ? "" : `  ${nameOf(char)}` };
  }
}

/** The name `U+4F60 你`; without the character if it can't be shown. */
function nameOf(char: string): string {
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return [`U+${code}`, show(char)].filter(Boolean).join(" ");
}

function show(char: string | undefined): string | undefined {
  return char === " " || (char !== undefined && !UNSHOWABLE.test(char)) ? char : undefined;
}

/** Bytes of the character that begins with `lead` (RFC 3629 §4); 1 if it is no lead byte. */
function lengthOf(lead: number): number {
  if (lead >= 0xc2 && lead <= 0xdf) return 2;
  if (lead >= 0xe0 && lead <= 0xef) return 3;
  if (lead >= 0xf0 && lead <= 0xf4) return 4;
  return 1;
}

function isContinuation(byte: number): boolean {
  return (byte & 0xc0) === 0x80;
}

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}
