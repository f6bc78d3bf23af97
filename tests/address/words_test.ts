import { assertEquals } from "@std/assert";
import { splitWords } from "../../src/address/words.ts";

const CASES: [line: string, words: string[] | null][] = [
  ["", []],
  ["   \t\n ", []],
  ["cat", ["cat"]],
  ["  cat  -n\tfile\n", ["cat", "-n", "file"]],
  ["echo 'a b' \"c d\"", ["echo", "a b", "c d"]],
  ["''", [""]],
  ['a "" b', ["a", "", "b"]],
  ["a'b'c\"d\"e", ["abcde"]],
  [`'"' "'"`, ['"', "'"]],
  ["a\\ b", ["a b"]],
  ["\\'", ["'"]],
  ["'\\'", ["\\"]],
  ['"\\""', ['"']],
  ['"\\$\\`\\\\"', ["$`\\"]],
  ['"\\n"', ["\\n"]],
  ["\\n", ["n"]],
  ["a\\\nb", ["ab"]],
  ['"a\\\nb"', ["ab"]],
  ["a \\\n b", ["a", "b"]],
  ["$HOME *.ts ~ | > & ; #", ["$HOME", "*.ts", "~", "|", ">", "&", ";", "#"]],
  ["ä '漢 字'", ["ä", "漢 字"]],
  ["'open", null],
  ['"open', null],
  ['"open\\"', null],
  ["end\\", null],
];

for (const [line, words] of CASES) {
  Deno.test(`splitWords() makes ${JSON.stringify(words)} of ${JSON.stringify(line)}`, () => {
    assertEquals(splitWords(line), words);
  });
}
