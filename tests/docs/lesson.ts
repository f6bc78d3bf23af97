/**
 * Reads the tutorial: under each heading, `sh` blocks are pasted into one shell in order, a `text`
 * block after one is what it prints, and any other block whose first line is a name is a file. A
 * ladder after a block is the picture of a recording that the block has drawn.
 */
import { readPage } from "./page.ts";

/** The tutorial's pages in English, from the root. */
export const LESSONS = [
  "docs/tutorial.md",
  ...[
    "1-socket",
    "2-bytes",
    "3-udp",
    "4-many",
    "5-room",
    "6-websocket",
    "7-tls",
    "8-endings",
    "9-machines",
  ].map((name) => `docs/tutorial/${name}.md`),
];

/** The same page in Chinese. */
export function inChinese(page: string): string {
  return page.replace(/\.md$/, ".zh-CN.md");
}

export interface ShellBlock {
  readonly kind: "shell";
  readonly text: string;
  /** What it prints, where the page shows that. */
  printed?: string;
  /** Names of recordings whose ladders the page shows after it. */
  readonly ladders: string[];
}

export interface FileBlock {
  readonly kind: "file";
  readonly name: string;
  readonly language: string;
  readonly text: string;
}

export interface Lesson {
  readonly heading: string;
  readonly blocks: readonly (ShellBlock | FileBlock)[];
}

const PART =
  /^```(\w*)\n([^]*?)^```$|^!\[[^\]]*\]\((?:tutorial\/)?ladders\/([\w-]+?)(?:\.zh-CN)?\.svg\)/gm;
const NAME = /^(?:\/\/|#|\/\*) (\S+\.\w+)(?: \*\/)?\n/;

function blocksOf(part: string): Lesson["blocks"] {
  const blocks: (ShellBlock | FileBlock)[] = [];
  for (const [, language, text, ladder] of part.matchAll(PART)) {
    const last = blocks.at(-1);
    const shell = last?.kind === "shell" ? last : undefined;
    if (ladder !== undefined) {
      if (!shell) throw new Error(`${ladder}: a ladder without a command before it`);
      shell.ladders.push(ladder);
    } else if (language === "sh") {
      blocks.push({ kind: "shell", text: text!, ladders: [] });
    } else if (language === "text") {
      if (shell && shell.printed === undefined) shell.printed = text!;
    } else {
      const name = NAME.exec(text!)?.[1];
      if (name) blocks.push({ kind: "file", name, language: language!, text: text! });
    }
  }
  return blocks;
}

/** What stands under each heading of a page, with nothing left out. */
export function lessonsOf(page: string): Lesson[] {
  const masked = page.replace(/^```[^]*?^```$/gm, (block) => block.replaceAll(/^#/gm, "\\#"));
  return masked.split(/^#{1,3} /m).slice(1).map((part) => ({
    heading: part.slice(0, part.indexOf("\n")),
    blocks: blocksOf(part.replaceAll(/^\\#/gm, "#")),
  }));
}

/** The lessons of a page by its path. */
export function lessonsIn(page: string): Lesson[] {
  return lessonsOf(readPage(page));
}

/** A program without comments that have lines of their own: they are in the page's language. */
export function withoutComments(text: string): string {
  const [first, ...rest] = text.split("\n");
  const code = rest.filter((line) => !/^\s*(?:\/\/|\/\*.*\*\/$|# )/.test(line));
  return [first, ...code].join("\n");
}
