/** The text that is being typed, by its keys. */
import { assertEquals } from "@std/assert";
import { Editor, LONGEST_TEXT } from "../../../src/talk/terminal/editor.ts";

/** An editor, and what it has handed over. */
function editing() {
  const events: string[] = [];
  const editor = new Editor({
    submit: (text) => events.push(text),
    flush: (text) => events.push(`flush ${text}`),
    end: () => events.push("end"),
    interrupt: () => events.push("interrupt"),
    clearScreen: () => events.push("clear"),
    complete: ({ text, cursor }) =>
      text.startsWith("al") ? { text: `alice: ${text.slice(cursor)}`, cursor: 7 } : undefined,
    tooLong: () => events.push("too long"),
  });
  const shown = () => `${editor.text.slice(0, editor.cursor)}|${editor.text.slice(editor.cursor)}`;
  return { editor, events, shown, [Symbol.dispose]: () => editor.close() };
}

Deno.test("Alt-Enter begins another line, and arrows go between lines", () => {
  using edit = editing();
  const { editor, events, shown } = edit;
  editor.type("first\x1b\rse\x1b\rthird");
  assertEquals(shown(), "first\nse\nthird|");
  editor.type("\x1b[A");
  assertEquals(shown(), "first\nse|\nthird");
  editor.type("\x1b[A\x1b[A");
  assertEquals(shown(), "fi|rst\nse\nthird");
  editor.type("\x1b[B\x1b[F!\x1b[H?\x1b[B\x1b[B");
  assertEquals(shown(), "first\n?se!\nt|hird");
  editor.type("\r");
  assertEquals([events, shown()], [["first\n?se!\nthird"], "|"]);
});

Deno.test("the history ends at its first line, and what was begun comes back", () => {
  using edit = editing();
  const { editor, shown } = edit;
  editor.type("\x1b[A");
  assertEquals(shown(), "|");
  editor.type("one\rtwo\r\x1b[A\x1b[A\x1b[A\x1b[A");
  assertEquals(shown(), "one|");
  editor.type("\x1b[B\x1b[B");
  assertEquals(shown(), "|");
});

Deno.test("the history keeps 500 lines, and 256 Ki characters of them", () => {
  using edit = editing();
  const { editor, shown } = edit;
  for (let line = 0; line < 600; line++) editor.type(`${line}\r`);
  editor.type("\x1b[A".repeat(700));
  assertEquals(shown(), "100|");
  editor.type("\r");
  for (let line = 0; line < 10; line++) {
    editor.insert(`${line}${"x".repeat(60_000)}`);
    editor.type("\r");
  }
  editor.type("\x1b[A".repeat(700));
  assertEquals(shown().slice(0, 2), "6x");
});

Deno.test("Ctrl-D deletes, sends, or ends", () => {
  using edit = editing();
  const { editor, events, shown } = edit;
  editor.type("ab\x1b[D\x04");
  assertEquals(shown(), "a|");
  editor.type("\x04\x04");
  assertEquals([events, shown()], [["flush a", "end"], "|"]);
});

Deno.test("Ctrl-C and Ctrl-L are handed over, and Ctrl-Z does nothing", () => {
  using edit = editing();
  edit.editor.type("a\x03\x0c\x1a");
  assertEquals([edit.events, edit.shown()], [["interrupt", "clear"], "a|"]);
});

Deno.test("a text longer than the editor takes is handed over in parts, and none is lost", () => {
  using edit = editing();
  const { editor, events } = edit;
  const line = `${"x".repeat(99)}\n`;
  const text = line.repeat(2000) + "the rest";
  for (let at = 0; at < text.length; at += 4000) editor.insert(text.slice(at, at + 4000));
  const sent = events.filter((event) => event !== "too long").join("") + editor.text;
  assertEquals(sent, text);
  assertEquals(editor.text.length <= LONGEST_TEXT, true);
  editor.type("\r");
  editor.insert("y".repeat(LONGEST_TEXT + 1));
  assertEquals([events.at(-1), editor.text], [`flush ${"y".repeat(LONGEST_TEXT + 1)}`, ""]);
});

Deno.test("bytes that are no text are edited as characters", () => {
  using edit = editing();
  edit.editor.type("a\udce9b\x7f\r");
  assertEquals(edit.events, ["a\udce9"]);
});

Deno.test("Tab completes where there is something to complete, and else is a tab", () => {
  using edit = editing();
  const { editor, shown } = edit;
  editor.type("al rest\x1b[H\x1b[C\x1b[C\t");
  assertEquals(shown(), "alice: | rest");
  editor.type("\x15\x0b");
  editor.type("x\ty");
  assertEquals(shown(), "x\ty|");
});
