/**
 * The text beside a hexdump: its bytes as UTF-8, with a dot for what can't be shown. A character
 * that is split between two rows, or between two reads, is dots in both and named behind the
 * second.
 */

/** Controls, marks without a letter of their own, and spaces other than the usual one. */
const UNSHOWABLE = /[\p{C}\p{M}\p{Z}]/u;

export class TextColumn {
  /** Bytes of a character that the rows so far have begun and not ended. */
  #begun: number[] = [];

  /** `|text|` for the next bytes, and the character that they complete: `|..llo|  U+4F60 你`. */
  row(bytes: Uint8Array): string {
    const completing = this.#complete(bytes);
    let text = ".".repeat(completing.count);
    for (let at = completing.count; at < bytes.length;) {
      const length = lengthOf(bytes[at]!);
      const rest = bytes.subarray(at, at + length);
      if (rest.length < length && rest.subarray(1).every(isContinuation)) {
        this.#begun = [...rest];
        return `|${text}${".".repeat(rest.length)}|${completing.note}`;
      }
      const char = decode(rest);
      text += show(char) ?? ".";
      at += char === undefined ? 1 : length;
    }
    return `|${text}|${completing.note}`;
  }

  /** How many of `bytes` belong to the character that was begun, and its name if they end it. */
  #complete(bytes: Uint8Array): { count: number; note: string } {
    const begun = this.#begun;
    if (begun.length === 0) return { count: 0, note: "" };
    const length = lengthOf(begun[0]!);
    let count = 0;
    while (begun.length < length && count < bytes.length && isContinuation(bytes[count]!)) {
      begun.push(bytes[count++]!);
    }
    const goesOn = begun.length < length && count === bytes.length;
    if (goesOn) return { count, note: "" };
    this.#begun = [];
    const char = begun.length === length ? decode(Uint8Array.from(begun)) : undefined;
    return { count, note: char === undefined ? "" : `  ${nameOf(char)}` };
  }
}

/** `U+4F60 你`; without the character where it can't be shown. */
function nameOf(char: string): string {
  const code = char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0");
  return [`U+${code}`, show(char)].filter(Boolean).join(" ");
}

function show(char: string | undefined): string | undefined {
  return char === " " || (char !== undefined && !UNSHOWABLE.test(char)) ? char : undefined;
}

/** Bytes of the character that begins with `lead` (RFC 3629 §4); 1 where none does. */
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
