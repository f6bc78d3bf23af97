/** Options named on pages, the tutorial's two languages, and how blocks of a page are read. */
import { assert, assertEquals } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { LESSONS } from "./lesson.ts";
import { PAGES, patternOf, readPage, sectionsIn, sectionsOf } from "./page.ts";

const commands = await loadCommands();

Deno.test("every option that a page names exists", () => {
  const known = new Set(
    commands.flatMap(({ flags }) => Object.keys(flags).map((name) => `--${flagName(name)}`)),
  );
  for (
    const page of [
      ...PAGES,
      ...LESSONS,
      "docs/CHANGELOG.md",
      "docs/platforms.md",
      ".github/ARCHITECTURE.md",
    ]
  ) {
    // Not coax's: code in a language, and the command line of another program.
    const foreign =
      /```(?:ts|js|python|go|c)\n[^]*?```|`(?:gh|ncat|ldd) [^`]*`|^(?:node|curl|deno) .*/gm;
    const prose = readPage(page).replaceAll(foreign, "");
    const named = prose.match(/(?<![\w-])--(?!version\b)[a-z][a-z-]*/g) ?? [];
    assertEquals(named.filter((option) => !known.has(option)), [], page);
  }
});

Deno.test("every file that the pages about the code name exists", async () => {
  for (const page of ["ARCHITECTURE.md", "CONTRIBUTING.md"]) {
    const text = readPage(`.github/${page}`);
    const paths = [...text.matchAll(/`((?:src|tests|scripts|docs)\/[\w./-]*)`/g)].map(([, path]) =>
      path!
    );
    assert(paths.length > 10, page);
    for (const path of paths.filter((path) => !path.includes("NAME"))) {
      await Deno.stat(new URL(`../../${path}`, import.meta.url));
    }
  }
});

Deno.test("emphasis ends where it should: no asterisks are shown", () => {
  const pages = [...PAGES, ...LESSONS, "docs/README.zh-CN.md"];
  for (const page of pages) assertEquals(loose(readPage(page)), [], page);
  assertEquals(loose("**完。**好\n\n**完**。好 **(a)** b **`c`**\n"), ["**完。**好"]);
});

/** Paragraphs whose `**` can't open or can't close by CommonMark's rules for punctuation (6.2). */
function loose(markdown: string): string[] {
  const text = markdown.replaceAll(/^```[^]*?^```/gm, "").replaceAll(/`[^`\n]+`/g, "`");
  return text.split(/\n\s*\n/).filter((paragraph) => {
    const marks = [...paragraph.matchAll(/\*\*/g)];
    return marks.some(({ index }, i) => {
      const [inner, outer] = [paragraph[index + 2] ?? " ", paragraph[index - 1] ?? " "];
      const [within, beyond] = i % 2 === 0 ? [inner, outer] : [outer, inner];
      const isPunctuation = /[\p{P}\p{S}]/u.test(within);
      return /\s/.test(within) || (isPunctuation && !/[\s\p{P}\p{S}]/u.test(beyond));
    });
  });
}

Deno.test("README is the same in both languages: commands, what they print, rows of its table", () => {
  const parts = (page: string) => {
    const rows = readPage(page).match(/^\|.*\|$/gm)!.map((row) => row.match(/\b[\d.]+\b|`[^`]*`/g));
    return { rows, steps: sectionsIn(page).map((section) => section.steps) };
  };
  assertEquals(parts("docs/README.zh-CN.md"), parts("README.md"));
});

Deno.test("a page's blocks become files, commands and what they print, by section", () => {
  const page = [
    "# A\n```ts\n// a.ts\n1;\n```\n```json b.json\n[]\n```\n```python\n# c.py\n2\n```\n",
    "## B\n```sh\n# there\nx 9000 &  # waits\ny \\\n  z\n```\nso\n```text\n# out\n```\n",
  ].join("");
  assertEquals(sectionsOf(page), [
    {
      heading: "A",
      steps: [
        { kind: "file", name: "a.ts", text: "// a.ts\n1;\n" },
        { kind: "file", name: "b.json", text: "[]\n" },
        { kind: "file", name: "c.py", text: "# c.py\n2\n" },
      ],
    },
    {
      heading: "B",
      steps: [{
        kind: "commands",
        commands: [{ line: "x 9000", background: true }, { line: "y    z", background: false }],
        printed: "# out\n",
      }],
    },
  ]);
});

Deno.test("an ellipsis is anything, and nothing else is", () => {
  const pattern = patternOf("a.b …\nc\n");
  assert(pattern.test("a.b 1\n2\nc\n"));
  assert(!pattern.test("aXb 1\nc\n"));
  assert(!pattern.test("a.b 1\nc d\n"));
});
