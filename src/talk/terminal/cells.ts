/**
 * How many columns a text takes on a terminal, and where it wraps. Terminals differ on emoji that
 * are joined of several characters: such a cluster counts for the most that any of them takes, so
 * that a row never gets longer than thought.
 */
import { eastAsianWidth } from "get-east-asian-width";

const segmenter = new Intl.Segmenter();
/** Printable ASCII: each character is a cluster of one column. */
const PLAIN = /^[\x20-\x7e]*$/;
/** No character of these joins another: each is a cluster, and takes a column at least. */
const SINGLE =
  /^[^\p{C}\p{M}\p{Default_Ignorable_Code_Point}\p{Emoji_Modifier}\p{Regional_Indicator}\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]*$/u;
/** Characters that take no column: marks on the character before them, and invisible ones. */
const NO_WIDTH = /^(?!\u00ad)[\p{Mn}\p{Me}\p{Default_Ignorable_Code_Point}]/u;
/** Asks for the wide form of a character before it (Unicode, variation selector 16). */
const EMOJI_FORM = "\ufe0f";

/** What a reader takes for one character, and the columns that it takes at most. */
export interface Cluster {
  readonly text: string;
  readonly width: number;
}

/** The clusters of a text without control characters. */
export function* clusters(text: string): Generator<Cluster> {
  if (PLAIN.test(text)) {
    for (const char of text) yield { text: char, width: 1 };
    return;
  }
  if (SINGLE.test(text)) {
    for (const char of text) yield { text: char, width: charWidth(char) };
    return;
  }
  for (const { segment } of segmenter.segment(text)) {
    yield { text: segment, width: clusterWidth(segment) };
  }
}

/** Widths that have been looked up, by the character's code; 0 where none has. */
const known = new Uint8Array(0x10000);

function charWidth(char: string): number {
  const code = char.codePointAt(0)!;
  return code < known.length ? known[code] ||= eastAsianWidth(code) : eastAsianWidth(code);
}

function clusterWidth(cluster: string): number {
  let width = cluster.includes(EMOJI_FORM) ? 1 : 0;
  for (const char of cluster) {
    if (!NO_WIDTH.test(char)) width += charWidth(char);
  }
  return width;
}

/** Columns of a text without control characters, at most. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return clusters(text).reduce((width, cluster) => width + cluster.width, 0);
}

/** Whether every terminal takes as many columns for this text as `widthOf` says. */
export function isCertain(text: string): boolean {
  return SINGLE.test(text);
}

/** The end of the cluster that begins at `at`, in code units. */
export function clusterEnd(text: string, at: number): number {
  const { index, segment } = segmenter.segment(text).containing(at) ?? { index: at, segment: "" };
  return index + segment.length;
}

/** The start of the cluster that ends at, or contains, `at`. */
export function clusterStart(text: string, at: number): number {
  return at <= 0 ? 0 : segmenter.segment(text).containing(at - 1)!.index;
}

/** Cuts a text into rows of at most `columns` columns; at least one, which may be empty. */
export function wrap(text: string, columns: number): string[] {
  if (PLAIN.test(text)) {
    const rows = [text.slice(0, columns)];
    for (let at = columns; at < text.length; at += columns) rows.push(text.slice(at, at + columns));
    return rows;
  }
  const rows: string[] = [];
  let row = "";
  let used = 0;
  for (const { text: cluster, width } of clusters(text)) {
    if (used + width > columns && row !== "") {
      rows.push(row);
      row = "";
      used = 0;
    }
    row += cluster;
    used += width;
  }
  return [...rows, row];
}

/** Columns between two tab stops. */
const TAB = 8;

/** Replaces each tab by the spaces up to the next tab stop. */
export function expandTabs(text: string): string {
  if (!text.includes("\t")) return text;
  return text.split("\t").reduce((before, part) => {
    return before + " ".repeat(TAB - widthOf(before) % TAB) + part;
  });
}
