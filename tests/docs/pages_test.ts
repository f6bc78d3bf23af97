/** Every command of these pages runs, in order, and prints what the page says. */
import { assert, assertEquals } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { nats } from "../interop/nats_server.ts";
import { available, testWith } from "../interop/peer_program.ts";
import { patternOf, sectionsOf } from "./page.ts";
import { runSection } from "./sandbox.ts";

const commands = await loadCommands();

const PAGES = [
  "README.md",
  "docs/recipes.md",
  "docs/tutorial.md",
  "docs/tutorial.zh-CN.md",
  "docs/faults.md",
];

const PROGRAMS = [
  nats,
  { name: "openssl", available: available("openssl", ["version"], /OpenSSL/) },
  { name: "curl", available: available("curl", ["--version"], /curl/) },
];

const read = (page: string) => Deno.readTextFileSync(new URL(`../../${page}`, import.meta.url));
const sectionsIn = (page: string) => sectionsOf(read(page));

for (const page of PAGES) {
  const sections = sectionsIn(page);
  for (const section of sections) {
    const lines = section.steps.flatMap((s) => s.kind === "file" ? [] : s.commands)
      .map(({ line }) => line);
    const needed = PROGRAMS.find(({ name }) => lines.some((line) => line.startsWith(name)));
    testWith(
      needed ?? { name: "coax", available: true },
      `${page}: ${section.heading}`,
      () => runSection(section),
    );
  }
}

Deno.test("every option that a page names exists", () => {
  const known = new Set(
    commands.flatMap(({ flags }) => Object.keys(flags).map((name) => `--${flagName(name)}`)),
  );
  for (const page of [...PAGES, "docs/CHANGELOG.md", ".github/ARCHITECTURE.md"]) {
    // Not ours: code in a language, and the command line of another program.
    const prose = read(page).replaceAll(/```ts\n[^]*?```|`(?:gh|ncat) [^`]*`/g, "");
    const named = prose.match(/(?<![\w-])--[a-z][a-z-]*/g) ?? [];
    assertEquals(named.filter((option) => !known.has(option)), [], page);
  }
});

Deno.test("both languages of the tutorial take the same steps", () => {
  const steps = (page: string) => sectionsIn(page).map((section) => section.steps);
  assertEquals(steps("docs/tutorial.zh-CN.md"), steps("docs/tutorial.md"));
});

Deno.test("a page's blocks become files, commands and what they print, by section", () => {
  const page = [
    "# A\n```ts\n// a.ts\n1;\n```\n",
    "## B\n```sh\n# there\nx 9000 &  # waits\ny \\\n  z\n```\nso\n```text\n# out\n```\n",
  ].join("");
  assertEquals(sectionsOf(page), [
    { heading: "A", steps: [{ kind: "file", name: "a.ts", text: "// a.ts\n1;\n" }] },
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
