/** `coax help keys`: the input line of a terminal (`src/talk/terminal`). */
import type { Topic } from "./topic.ts";

export const keys: Topic = {
  name: "keys",
  summary: "the line that you type in a terminal",
  sections: [
    {
      text:
        "In a terminal, client, server and chat have an input line: what arrives appears above " +
        "it, and the terminal is as it was once coax ends.",
      rows: [
        ["Enter", "send the line, or each line of a paste"],
        ["Alt-Enter", "begin another line, without sending"],
        ["Up, Down", "lines that you have sent; with a text before the cursor those that begin so"],
        ["Tab", "in a room, complete a name that has been seen; again, the next; else a tab"],
        ["Left, Right", "by characters; with Ctrl by words. Home, End; Ctrl-A, Ctrl-E"],
        ["Backspace, Delete", "Ctrl-W a word, Ctrl-U to the start, Ctrl-K to the end, Ctrl-Y back"],
        ["Ctrl-_", "undo"],
        ["Ctrl-V", "take the next key as the character that it stands for"],
        ["Ctrl-D", "end your side, in an empty line; behind a text, send it without a newline"],
        ["Ctrl-C", "leave; Ctrl-Z stops the program until the shell's fg"],
        ["Ctrl-L", "clear the screen"],
      ],
    },
    {
      text: "In a room, names have colours, and your own stands before your lines. The peer's " +
        "control characters are shown escaped, and so is what a command (exec:, sh:) writes to stderr.",
    },
    {
      text: "There is no input line with --raw or TERM=dumb, nor where stdin or stdout is no " +
        "terminal: then lines go as the terminal gives them.",
    },
  ],
};
