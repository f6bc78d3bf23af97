/** The rows in which typed text is shown. */
import { assertEquals } from "@std/assert";
import { inputView, linesOf, type Look } from "../../../src/talk/terminal/input_view.ts";

const plain = (text: string) => text;
const LOOK: Look = { prompt: "> ", promptStyle: plain, quiet: plain };

/** The rows, with `|` for the cursor; `typed` has one too. */
function shown(typed: string, columns = 20, rows = 10): string[] {
  const cursor = typed.indexOf("|");
  const text = typed.replace("|", "");
  const view = inputView({ text, cursor }, LOOK, { columns, rows });
  return view.rows.map(({ shown }, row) => {
    if (row !== view.cursorRow) return shown;
    const before = view.before.shown;
    assertEquals(shown.startsWith(before), true);
    return `${before}|${shown.slice(before.length)}`;
  });
}

Deno.test("a line has its prompt, and the cursor its place", () => {
  assertEquals(shown("|"), ["> |"]);
  assertEquals(shown("ab|c"), ["> ab|c"]);
  assertEquals(shown("a\t|b"), ["> a     |b"]);
  assertEquals(shown("\x1b[|"), ["> \\x1b[|"]);
});

Deno.test("a long line takes several rows; between two, the cursor begins the second", () => {
  assertEquals(shown("abcdefghij|", 8), ["> abcdef", "ghij|"]);
  assertEquals(shown("abcdef|", 8), ["> abcdef|"]);
  assertEquals(shown("abcdef|ghij", 8), ["> abcdef", "|ghij"]);
  assertEquals(shown("中文字字|符", 8), ["> 中文字", "字|符"]);
});

Deno.test("of many lines, those around the cursor are shown", () => {
  const text = Array.from({ length: 30 }, (_, line) => `${line}`).join("\n");
  const hint = "30 lines: Enter sends them";
  assertEquals(shown(`${text}|`, 30, 5), ["> 26", "> 27", "> 28", "> 29|", hint]);
  assertEquals(shown(`|${text}`, 30, 5), ["> |0", "> 1", "> 2", "> 3", hint]);
  assertEquals(shown(text.replace("\n15", "\n15|"), 30, 5), [
    "> 13",
    "> 14",
    "> 15|",
    "> 16",
    hint,
  ]);
  assertEquals(shown(`${text}|`, 30, 2), ["> 28", "> 29|"]);
  assertEquals(shown(`${text}|`, 30, 1), ["> 29|"]);
});

Deno.test("a line longer than the space is shown around the cursor", () => {
  assertEquals(shown("abcdefghijklmnopqrst|uvwx", 8, 2), ["ghijklmn", "opqrst|uv"]);
  assertEquals(shown("|abcdefghijklmnopqrst", 8, 2), ["> |abcdef", "ghijklmn"]);
});

Deno.test("a newline at the end makes no further line", () => {
  assertEquals(linesOf("a\nb\n"), ["a", "b"]);
  assertEquals(linesOf("a\n\n"), ["a", ""]);
  assertEquals(linesOf("\n"), [""]);
  assertEquals(linesOf(""), [""]);
  assertEquals(shown("a\n|", 30), ["> a", "> |", "1 line: Enter sends it"]);
});
