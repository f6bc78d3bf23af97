/** The input line of a terminal: what arrives stands above what is being typed. */
import { assertEquals } from "@std/assert";
import { testWith } from "../interop/peer_program.ts";
import { receiveText, send } from "./peers.ts";
import { GREETING, talking } from "./talking.ts";
import { tmux } from "./tmux.ts";

testWith(tmux, "what arrives appears above the line that is being typed", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.type("a question that");
  await terminal.shows([GREETING, "> a question that|"]);
  await send(conn, "first\nsecond\n");
  await terminal.shows([GREETING, "first", "second", "> a question that|"]);
  await terminal.type(" was interrupted");
  await terminal.press("Enter");
  await terminal.shows([GREETING, "first", "second", "> a question that was interrupted", "> |"]);
  assertEquals(await receiveText(conn, 32), "a question that was interrupted\n");
});

/** Keys, the screen's last row after them, and what Enter sends. */
const EDITING: readonly (readonly [name: string, keys: readonly string[], row: string])[] = [
  ["insert", ["abd", "Left", "c"], "> abc|d"],
  ["delete before and behind the cursor", ["abcd", "Left", "Left", "BSpace", "DC"], "> a|d"],
  [
    "go to the start and the end",
    ["bc", "C-a", "a", "C-e", "d", "Home", "^", "End", "$"],
    "> ^abcd$|",
  ],
  ["delete a word, and get it back", ["one two", "C-w", "zero ", "C-y"], "> one zero two|"],
  ["delete to the start and to the end", ["old new", "M-b", "C-u", "er", "C-b", "C-k"], "> e|"],
  ["undo", ["one", "C-u", "C-_"], "> one|"],
  ["go by words", ["one two", "C-Left", "C-Left", "a ", "C-Right", "b"], "> a one b|two"],
  ["wide characters", ["中文字", "Left", "Left", "BSpace", "国"], "> 国|文字"],
  ["emoji of several characters", ["a👨‍👩‍👧🇨🇳e\u0301", "BSpace", "Left", "BSpace", "b"], "> ab|🇨🇳"],
  ["a tab", ["a", "Tab", "b"], "> a     b|"],
  ["a control character", ["a", "C-v", "C-b", "b"], "> a\\x02b|"],
  ["Ctrl-D deletes", ["abc", "C-a", "C-d"], "> |bc"],
];

testWith(
  tmux,
  "keys edit the line, wide characters too, and Enter sends what is shown",
  async () => {
    await using talk = await talking();
    const { terminal, conn } = talk;
    for (const [name, keys, row] of EDITING) {
      for (const key of keys) {
        if (/^(?:[CM]-.+|Left|Right|BSpace|DC|Home|End|Tab)$/.test(key)) await terminal.press(key);
        else await terminal.type(key);
      }
      await terminal.endsWith(row, name);
      await terminal.press("Enter");
      await terminal.endsWith("> |", name);
    }
    const shown = EDITING.map(([, , row]) => row.slice(2).replace("|", "")).join("\n") + "\n";
    const sent = shown.replace("a     b", "a\tb").replace("\\x02", "\x02");
    assertEquals(await receiveText(conn, new TextEncoder().encode(sent).length), sent);
  },
);

testWith(tmux, "the arrow keys recall lines, and a recalled line can be changed", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  for (const line of ["first", "second", "", "second"]) await terminal.enter(line);
  await terminal.press("Up");
  await terminal.endsWith("> second|");
  await terminal.press("Up");
  await terminal.endsWith("> first|");
  await terminal.press("Up");
  await terminal.type("!");
  await terminal.press("Enter", "Up", "Down");
  await terminal.endsWith("> |");
  assertEquals(await receiveText(conn, 28), "first\nsecond\n\nsecond\nfirst!\n");
});

const LONG = "a line that is longer than the terminal is wide, and so takes more than one row";

testWith(
  tmux,
  "a line that wraps stays whole while lines arrive and the size changes",
  async () => {
    await using talk = await talking([], { columns: 60, rows: 12 });
    const { terminal, conn } = talk;
    await terminal.resize(80, 12);
    await terminal.type(LONG);
    await terminal.press("Left", "Left", "Left");
    await send(conn, "one\n");
    await terminal.shows([
      GREETING,
      "one",
      `> ${LONG.slice(0, 76)}|${LONG.slice(76, 77)}`,
      LONG.slice(77),
    ]);
    await terminal.resize(40, 12);
    const rows = [LONG.slice(0, 37), LONG.slice(37, 76), `|${LONG.slice(76)}`];
    await terminal.endsWith([`> ${rows[0]}`, rows[1]!.trimEnd(), rows[2]!]);
  },
);

testWith(
  tmux,
  "what arrives without a newline goes on where it was, and glues to nothing",
  async () => {
    await using talk = await talking();
    const { terminal, conn } = talk;
    await send(conn, "name: ");
    await terminal.shows([GREETING, "name:", "> |"]);
    await send(conn, "(any) ");
    await terminal.shows([GREETING, "name: (any)", "> |"]);
    await terminal.enter("me");
    await terminal.shows([GREETING, "name: (any)", "> me", "> |"]);
    await send(conn, "hello me\r");
    await send(conn, "\nand more".repeat(2) + ".".repeat(70) + "中文");
    await terminal.shows([
      GREETING,
      "name: (any)",
      "> me",
      "hello me",
      "and more",
      "and more" + ".".repeat(70) + "中",
      "文",
      "> |",
    ]);
    await send(conn, "字!\n.\n");
    await terminal.endsWith(["文字!", ".", "> |"]);
    await send(conn, "the end");
    conn.close();
    await terminal.endsWith([".", "the end", "PEER has left", "status 0", "$ |"]);
  },
);

/** Sequences that a terminal would obey. */
const NASTY = "\x1b]52;c;ZXZpbA==\x07 \x1b[2J\x1b[31m \r \u202e x\n";

testWith(
  tmux,
  "a peer's control sequences are shown, not obeyed, and CR LF is a line's end",
  async () => {
    await using talk = await talking();
    const { terminal, conn } = talk;
    await send(conn, `HTTP/1.1 200 OK\r\n\r\n${NASTY}`);
    const shown = "\\x1b]52;c;ZXZpbA==\\x07 \\x1b[2J\\x1b[31m \\r \\u{202e} x";
    await terminal.shows([GREETING, "HTTP/1.1 200 OK", "", shown, "> |"]);
  },
);

const FIFTY = Array.from({ length: 50 }, (_, index) => `line ${index + 1}`);

testWith(tmux, "a paste of 50 lines waits for Enter, and can be edited", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.type(">> ");
  await terminal.paste(FIFTY.join("\n") + "\n");
  const last = FIFTY.slice(40).map((line) => `> ${line}`);
  await terminal.endsWith([...last, "> |", "50 lines: Enter sends them"]);
  await send(conn, "meanwhile\n");
  await terminal.endsWith(["meanwhile", ...last, "> |", "50 lines: Enter sends them"]);
  await terminal.press("Up", "C-e");
  await terminal.type("!");
  await terminal.press("Enter");
  await terminal.endsWith(["> line 49", "> line 50!", "> |"]);
  const sent = `>> ${FIFTY.join("\n")}!\n`;
  assertEquals(await receiveText(conn, sent.length), sent);
  await terminal.press("Up");
  await terminal.endsWith([
    ...last.slice(0, -1),
    "> line 50!",
    "> |",
    "50 lines: Enter sends them",
  ]);
});

testWith(
  tmux,
  "where a terminal doesn't mark pastes, each line of one is sent as typed",
  async () => {
    await using talk = await talking();
    const { terminal, conn } = talk;
    await terminal.type(FIFTY.join("\r") + "\r");
    await terminal.endsWith(["> line 49", "> line 50", "> |"]);
    const sent = FIFTY.join("\n") + "\n";
    assertEquals(await receiveText(conn, sent.length), sent);
  },
);

testWith(tmux, "Ctrl-D behind a text sends it without a newline", async () => {
  await using talk = await talking();
  const { terminal, conn } = talk;
  await terminal.type("no newline");
  await terminal.press("C-d");
  await terminal.shows([GREETING, "> no newline (without its newline)", "> |"]);
  assertEquals(await receiveText(conn, 10), "no newline");
});
