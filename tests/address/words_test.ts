import { assertEquals } from "@std/assert";
import { quoteWord, splitWords } from "../../src/address/words.ts";

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

Deno.test("quoteWord() gives a word that splitWords() takes for the same one", () => {
  const plain = ["a", "unix:/run/x", "tls://[::1]:9000", "user@host", "100%"];
  for (const word of plain) assertEquals(quoteWord(word), word);
  for (
    const word of ["", " ", "a b", "it's", '"', "\\", "$HOME", "a;b", "*", "~", "漢 字", "#", "\n"]
  ) {
    assertEquals(splitWords(`x ${quoteWord(word)} y`), ["x", word, "y"]);
  }
});
