/**
 * Reads a page of documentation as steps: its `sh` blocks are commands, a `text` block after one is
 * their output. A block of code is a file if its first line, a comment, is a name, or if a name
 * follows the language, as JSON has no comments.
 */

/** One command, without the `&` that sends it to the background. */
export interface Command {
  readonly line: string;
  readonly background: boolean;
}

export type Step =
  | { readonly kind: "file"; readonly name: string; readonly text: string }
  | { readonly kind: "commands"; readonly commands: Command[]; printed?: string };

/** What stands between two headings, run in one folder. */
export interface Section {
  readonly heading: string;
  readonly steps: Step[];
}

/** Pages whose commands are run, from the root. */
export const PAGES = [
  "README.md",
  "docs/reference.md",
  "docs/recipes.md",
  "docs/faults.md",
  "docs/control.md",
  "docs/gate.md",
] as const;

/** The text of a page. */
export function readPage(page: string): string {
  return Deno.readTextFileSync(new URL(`../../${page}`, import.meta.url));
}

const FENCE = /^```(\w*)(?: (\S+))?\n([^]*?)^```$/gm;

/** A first line that is a name: `// retry_test.go`. */
const NAME = /^(?:\/\/|#) (\S+\.\w+)\n/;

/** The sections of a page that have something to do. */
export function sectionsOf(page: string): Section[] {
  const parts = page.replace(FENCE, (block) => block.replaceAll(/^#/gm, "\\#")).split(/^#{1,3} /m);
  return parts
    .map((part) => ({
      heading: part.slice(0, part.indexOf("\n")),
      steps: stepsOf(part.replaceAll(/^\\#/gm, "#")),
    }))
    .filter(({ steps }) => steps.length > 0);
}

/** The steps of a page by its path. */
export function sectionsIn(page: string): Section[] {
  return sectionsOf(readPage(page));
}

function stepsOf(part: string): Step[] {
  const steps: Step[] = [];
  for (const [, language, named, text] of part.matchAll(FENCE)) {
    const last = steps.at(-1);
    if (language === "sh") {
      steps.push({ kind: "commands", commands: commandsOf(text!) });
    } else if (language !== "text") {
      const name = named ?? NAME.exec(text!)?.[1];
      if (name) steps.push({ kind: "file", name, text: text! });
    } else if (last?.kind === "commands" && last.printed === undefined) {
      last.printed = text!;
    }
  }
  return steps;
}

function commandsOf(block: string): Command[] {
  return block.replaceAll("\\\n", " ").split("\n")
    .map((line) => line.replace(/(^|\s+)#\s.*$/, "").trim())
    .filter((line) => line !== "")
    .map((line) => ({
      line: line.replace(/\s*&$/, ""),
      background: /[^&]&$/.test(line),
    }));
}

/** Turns expected output into a pattern: `…` matches anything, the rest is literal. */
export function patternOf(printed: string): RegExp {
  const literal = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
  return new RegExp(`^${printed.trimEnd().split("…").map(literal).join("[^]*?")}\\s*$`);
}
