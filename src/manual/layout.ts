/** Lays text out for a terminal's width: paragraphs, and rows of a term and its meaning. */

/** A term and what it means. */
export type Row = readonly [term: string, meaning: string];

const INDENT = "  ";
const GAP = "  ";

/** Breaks `text` at blanks into lines of at most `width` characters; longer words stay whole. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > width && line !== "") {
      lines.push(line);
      line = word;
    } else line = longer;
  }
  return [...lines, line];
}

/** The width of the first column: of its longest term that takes at most 40 % of `width`. */
export function termWidth(rows: readonly Row[], width: number): number {
  const fitting = rows.map(([term]) => term.length).filter((length) => length <= width * 0.4);
  return Math.max(0, ...fitting);
}

/** Lays rows out in two columns; a term that doesn't fit gets a line of its own. */
export function columns(rows: readonly Row[], width: number, termColumns = termWidth(rows, width)) {
  const start = INDENT + " ".repeat(termColumns) + GAP;
  return rows.flatMap(([term, meaning]) => {
    const lines = wrap(meaning, Math.max(20, width - start.length));
    if (term.length > termColumns) return [INDENT + term, ...lines.map((line) => start + line)];
    const [head, ...rest] = lines;
    return [INDENT + term.padEnd(termColumns) + GAP + head, ...rest.map((line) => start + line)];
  }).join("\n");
}

/** Lays command lines and meanings out side by side where all fit, else below each other. */
export function examples(rows: readonly Row[], width: number): string {
  const longest = Math.max(...rows.map(([line]) => line.length));
  const meaningWidth = width - INDENT.length - GAP.length - longest;
  if (rows.every(([, meaning]) => meaning.length <= meaningWidth)) {
    return columns(rows, width, longest);
  }
  return rows.flatMap(([line, meaning]) => [
    INDENT + line,
    ...wrap(meaning, width - 6).map((part) => INDENT + INDENT + INDENT + part),
  ]).join("\n");
}
