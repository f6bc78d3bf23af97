/** Finds links and code in a text. What isn't one of both stays text, character by character. */

/** A part of a text. */
export type RichPart =
  | { readonly is: "text"; readonly text: string }
  /** `url` is what a browser opens; `text` is how it was written. */
  | { readonly is: "link"; readonly text: string; readonly url: string }
  /** `isBlock`: it has lines of its own. */
  | { readonly is: "code"; readonly text: string; readonly isBlock: boolean };

/** Three backticks at the start of a line, with a word at most behind the first of them. */
const FENCED = /^```[ \t]*(?:[\w+#.-]+[ \t]*)?\n([^]*?)\n?^```[ \t]*$\n?/gm;
/** The same within a line. */
const INLINE = /```([^`\n]+)```/g;
const URL_START = /\bhttps?:\/\/[^\s<>"'`\\^{|}]+/gi;
/** What ends a sentence, and not the address in it. */
const PUNCTUATION = /^[.,:;!?*_~…。，、；：！？]$/u;
/** Letters that are written from right to left: among others, they show a path before its host. */
const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Most links of a text. */
const MOST_LINKS = 100;

/** The parts of a text, in their order; no fence of code is part of them. */
export function richParts(text: string): RichPart[] {
  const parts: RichPart[] = [];
  let at = 0;
  for (const match of text.matchAll(FENCED)) {
    const code = { is: "code", text: match[1]!, isBlock: true } as const;
    parts.push(...withInlineCode(text.slice(at, match.index)), code);
    at = match.index + match[0].length;
  }
  return [...parts, ...withInlineCode(text.slice(at))];
}

function withInlineCode(text: string): RichPart[] {
  const parts: RichPart[] = [];
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const code = { is: "code", text: match[1]!, isBlock: false } as const;
    parts.push(...withLinks(text.slice(at, match.index)), code);
    at = match.index + match[0].length;
  }
  return [...parts, ...withLinks(text.slice(at))];
}

function withLinks(text: string): RichPart[] {
  const parts: RichPart[] = [];
  let at = 0;
  for (const match of [...text.matchAll(URL_START)].slice(0, MOST_LINKS)) {
    const written = trimmed(match[0]);
    const url = urlOf(written);
    if (url === undefined) continue;
    if (match.index > at) parts.push({ is: "text", text: text.slice(at, match.index) });
    parts.push({ is: "link", text: written, url });
    at = match.index + written.length;
  }
  if (at < text.length) parts.push({ is: "text", text: text.slice(at) });
  return parts;
}

/**
 * An address without the punctuation behind it; a bracket belongs to it if it is opened in it. Each
 * character is looked at once, since a text is somebody else's.
 */
function trimmed(written: string): string {
  const unopened = new Map(
    ["()", "[]"].map(([open, close]) => [close!, count(written, close!) - count(written, open!)]),
  );
  for (let end = written.length;; end--) {
    const last = written.charAt(end - 1);
    const surplus = unopened.get(last) ?? 0;
    if (surplus > 0) unopened.set(last, surplus - 1);
    else if (!PUNCTUATION.test(last)) return written.slice(0, end);
  }
}

function count(text: string, char: string): number {
  return text.split(char).length - 1;
}

/** The address that a browser opens; none where what is read first may not be the host. */
function urlOf(written: string): string | undefined {
  if (RIGHT_TO_LEFT.test(written)) return undefined;
  try {
    const { protocol, username, password, href } = new URL(written);
    const isWeb = protocol === "http:" || protocol === "https:";
    return isWeb && username === "" && password === "" ? href : undefined;
  } catch {
    return undefined;
  }
}
