/** The rows in which the text that is being typed is shown, around the cursor. */
import { expandTabs, widthOf, wrap } from "./cells.ts";
import { lineEnd, lineStart } from "./text_lines.ts";
import { visible } from "./typed_text.ts";

/** One row of the terminal: what is written, and the columns that this takes at most. */
export interface Row {
  readonly shown: string;
  readonly width: number;
}

/** Rows, and where the cursor stands in them. */
export interface View {
  readonly rows: readonly Row[];
  /** The number of the cursor's row. */
  readonly cursorRow: number;
  /** What of that row is before the cursor. */
  readonly before: Row;
}

/** The text that is being typed. */
interface TypedText {
  readonly text: string;
  /** Offset in `text`, code units. */
  readonly cursor: number;
}

/** Makes the escape sequences of a look around a text. */
export type Style = (text: string) => string;

/** How typed text looks. */
export interface Look {
  /** Written before each line. */
  readonly prompt: string;
  readonly promptStyle: Style;
  /** The look of what isn't part of the text. */
  readonly quiet: Style;
}

/** Space on the terminal: columns of a row, and rows at most. */
export interface Space {
  readonly columns: number;
  readonly rows: number;
}

const NO_TEXT: Row = { shown: "", width: 0 };

/** Fewest rows with which one tells how many lines there are. */
const LEAST_WITH_HINT = 3;

/** Shows as many lines around the cursor as there is space for; long ones take several rows. */
export function inputView(typed: TypedText, look: Look, { columns, rows }: Space): View {
  const hint = rows < LEAST_WITH_HINT ? undefined : hintFor(typed.text);
  const space = hint ? rows - 1 : rows;
  const { shown, cursorRow, before } = surroundings(typed, look, { columns, rows: space });
  const first = Math.max(0, Math.min(cursorRow - (space >> 1), shown.length - space));
  const window = shown.slice(first, first + space);
  if (hint) {
    const [text] = wrap(hint, columns);
    window.push({ shown: look.quiet(text!), width: widthOf(text!) });
  }
  return { rows: window, cursorRow: cursorRow - first, before };
}

/** The rows of one line, behind its prompt. */
export function rowsOf(line: string, { prompt, promptStyle }: Look, columns: number): Row[] {
  return wrap(expandTabs(prompt + visible(line)), columns).map((row, index) => {
    const own = index > 0
      ? row
      : promptStyle(row.slice(0, prompt.length)) + row.slice(prompt.length);
    return { shown: own, width: widthOf(row) };
  });
}

/** The lines that Enter sends; a newline at the end of the text makes no further one. */
export function linesOf(text: string): string[] {
  const lines = text.split("\n");
  return lines.length > 1 && lines.at(-1) === "" ? lines.slice(0, -1) : lines;
}

function hintFor(text: string): string | undefined {
  if (!text.includes("\n")) return undefined;
  const count = linesOf(text).length;
  return count === 1 ? "1 line: Enter sends it" : `${count} lines: Enter sends them`;
}

/** At least `rows` rows around the cursor, if there are as many. */
function surroundings({ text, cursor }: TypedText, look: Look, { columns, rows }: Space) {
  let start = lineStart(text, cursor);
  let end = lineEnd(text, cursor);
  const beforeCursor = rowsOf(text.slice(start, cursor), look, columns);
  const shown = rowsOf(text.slice(start, end), look, columns);
  // Between two rows, the cursor stands at the start of the second.
  const isBetween = beforeCursor.length < shown.length &&
    beforeCursor.at(-1)!.shown === shown[beforeCursor.length - 1]!.shown;
  let cursorRow = beforeCursor.length - (isBetween ? 0 : 1);
  while (shown.length < rows && (start > 0 || end < text.length)) {
    if (start > 0 && (cursorRow < shown.length - cursorRow || end === text.length)) {
      const above = rowsOf(text.slice(lineStart(text, start - 1), start - 1), look, columns);
      start = lineStart(text, start - 1);
      cursorRow += above.length;
      shown.unshift(...above);
    } else {
      const next = lineEnd(text, end + 1);
      shown.push(...rowsOf(text.slice(end + 1, next), look, columns));
      end = next;
    }
  }
  return { shown, cursorRow, before: isBetween ? NO_TEXT : beforeCursor.at(-1)! };
}
