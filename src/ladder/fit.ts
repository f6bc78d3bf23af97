/** Fits text into columns, of which some characters take two. */
import stringWidth from "string-width";

const segmenter = new Intl.Segmenter();
const PLAIN = /^[ -~]*$/;
/** Columns of characters that have been measured: most of a drawing are the same few. */
const measured = new Map<string, number>();

/** The columns that a text takes in a terminal. */
export function columnsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  if (text.length > 1) return stringWidth(text);
  const known = measured.get(text) ?? stringWidth(text);
  measured.set(text, known);
  return known;
}

/** Yields each character with its marks, and the columns that it takes. */
export function* charactersOf(text: string): Generator<[character: string, columns: number]> {
  if (text.length <= 1 || PLAIN.test(text)) {
    for (const char of text) yield [char, columnsOf(char)];
  } else {
    for (const { segment } of segmenter.segment(text)) yield [segment, columnsOf(segment)];
  }
}

/** Cuts `text` to `width` columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  if (width < 1) return "";
  let [result, columns] = ["", 0];
  for (const [char, wide] of charactersOf(text)) {
    columns += wide;
    if (columns > width - 1) break;
    result += char;
  }
  return `${result}…`;
}

/** The same for a text that may be in quotes, and keeps them. */
export function cutQuoted(text: string, width: number): string {
  if (!text.endsWith('"') || columnsOf(text) <= width || width < 4) return cut(text, width);
  return `${cut(text, width - 1)}"`;
}

/** What can't begin a line, and what can't end one. */
const [CLOSING, OPENING] = [/^[\p{Pe}\p{Pf}\p{Po}]/u, /[\p{Ps}\p{Pi}]$/u];

/** Breaks `text` into lines of at most `width` columns, and cuts it after `most` lines. */
export function wrap(text: string, width: number, most = Infinity): string[] {
  const lines: string[] = [];
  let line = "";
  for (const piece of piecesOf(text)) {
    const longer = line + piece;
    if (columnsOf(longer.trimEnd()) <= width || line === "") line = longer;
    else {
      lines.push(line.trimEnd());
      line = piece.trimStart();
    }
  }
  lines.push(line.trimEnd());
  const shown = lines.slice(0, most);
  if (lines.length > most) shown.push(`${shown.pop()!} …`);
  return shown.map((line) => cut(line, width));
}

/** Words with the spaces behind them; a character that takes two columns is a word of its own. */
function piecesOf(text: string): string[] {
  const pieces: string[] = [];
  let last = " ";
  for (const [char, columns] of charactersOf(text)) {
    const isBreak = last === " " || columns > 1 || columnsOf(last) > 1;
    const isBound = char === " " || CLOSING.test(char) || OPENING.test(last);
    if (pieces.length > 0 && (isBound || !isBreak)) pieces[pieces.length - 1] += char;
    else pieces.push(char);
    last = char;
  }
  return pieces;
}
