/** Splits a command line into words as a shell does, and quotes them. */

/**
 * Splits `line` at blanks outside of quotes (POSIX Shell §2.2); nothing is expanded. Null for an
 * open quote, or for a backslash at the end.
 *
 * @param literalBackslash Whether a backslash is a character like others, as in paths of Windows.
 */
export function splitWords(line: string, literalBackslash = false): string[] | null {
  const words: string[] = [];
  let word: string | null = null; // null between words, so that '' is a word
  let quote: "'" | '"' | null = null;
  for (let i = 0; i < line.length; i++) {
    const char = line[i]!;
    if (quote === "'") {
      if (char === "'") quote = null;
      else word += char;
    } else if (char === "\\" && !literalBackslash) {
      const next = line[++i];
      if (next === undefined) return null;
      if (next === "\n") continue; // Line continuation (POSIX Shell §2.2.1).
      // Within double quotes a backslash escapes only these (POSIX Shell §2.2.3).
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

/** The word as a shell takes it, quoted where that is necessary (POSIX Shell §2.2.2). */
export function quoteWord(word: string): string {
  return /^[\w@%+=:,./[\]-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
