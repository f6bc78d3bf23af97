/** Places in a text of several lines; offsets are in code units. */

/** The start of the line that `at` is in. */
export function lineStart(text: string, at: number): number {
  return at <= 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

/** The end of the line that `at` is in, before its newline. */
export function lineEnd(text: string, at: number): number {
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end;
}

/** The same column in the line above, or its end if it is shorter; undefined in the first line. */
function lineAbove(text: string, at: number): number | undefined {
  const start = lineStart(text, at);
  if (start === 0) return undefined;
  return Math.min(lineStart(text, start - 1) + at - start, start - 1);
}

/** The same column in the line below, or its end if it is shorter; undefined in the last line. */
function lineBelow(text: string, at: number): number | undefined {
  const end = lineEnd(text, at);
  if (end === text.length) return undefined;
  return Math.min(end + 1 + at - lineStart(text, at), lineEnd(text, end + 1));
}

/** Where a key moves the cursor to in a text of several lines; undefined for other keys. */
export function movedInLines(name: string, text: string, cursor: number): number | undefined {
  if (!text.includes("\n")) return undefined;
  switch (name) {
    case "up":
      return lineAbove(text, cursor);
    case "down":
      return lineBelow(text, cursor);
    case "home":
    case "ctrl-a":
      return lineStart(text, cursor);
    case "end":
    case "ctrl-e":
      return lineEnd(text, cursor);
  }
}
