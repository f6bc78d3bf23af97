/** Splits a command line into words as a shell would, without running one. */

/**
 * Words of `line`: blanks separate, quotes and backslashes protect (POSIX 2.2 Quoting); nothing is
 * expanded. Null if a quote is left open or a backslash ends the line.
 */
export function splitWords(line: string): string[] | null {
  const words: string[] = [];
  let word: string | null = null; // null between words, so that '' is a word
  let quote: "'" | '"' | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote === "'") {
      if (char === "'") quote = null;
      else word += char;
    } else if (char === "\\") {
      const next = line[++i];
      if (next === undefined) return null;
      if (next === "\n") continue; // The line goes on (POSIX 2.2.1).
      // Within double quotes a backslash protects only these (POSIX 2.2.3).
      word = (word ?? "") + (quote && !'$`"\\'.includes(next) ? "\\" + next : next);
    } else if (quote === '"') {
      if (char === '"') quote = null;
      else word += char;
    } else if (char === "'" || char === '"') {
      quote = char;
      word ??= "";
    } else if (/\s/.test(char)) {
      if (word !== null) words.push(word);
      word = null;
    } else {
      word = (word ?? "") + char;
    }
  }
  if (quote) return null;
  if (word !== null) words.push(word);
  return words;
}
