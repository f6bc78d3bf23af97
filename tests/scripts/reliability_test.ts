/** `docs/reliability.md` names tests; this checks that they exist. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);

/** The names of all tests; a template's placeholders match anything. */
async function testNames(folder: URL): Promise<RegExp[]> {
  const names: RegExp[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const url = new URL(isDirectory ? `${name}/` : name, folder);
    if (isDirectory) names.push(...await testNames(url));
    if (!name.endsWith("_test.ts")) continue;
    const text = await Deno.readTextFile(url);
    const call =
      /(?:\b[tT]est(?:With\w*|In\w+)?\(\s*(?:\w+,\s*)?|\bname: )\{?\s*(?:name: )?("[^"\n]+"|`[^`\n]+`)/g;
    for (const [, quoted] of text.matchAll(call)) names.push(pattern(quoted!.slice(1, -1)));
  }
  return names;
}

function pattern(name: string): RegExp {
  const fixed = name.split(/\$\{[^}]*\}/).map((part) => RegExp.escape(part));
  return new RegExp(`^${fixed.join(".+")}$`);
}

/** The names in the last column of the tables. */
function namedIn(markdown: string): string[] {
  return [...markdown.matchAll(/\| `([^`]+)` +\|$/gm)].map(([, name]) => name!);
}

Deno.test("every test that docs/reliability.md names exists", async () => {
  const named = namedIn(await Deno.readTextFile(new URL("docs/reliability.md", ROOT)));
  assert(named.length > 50, `${named.length} names`);
  const names = await testNames(new URL("tests/", ROOT));
  assertEquals(named.filter((name) => !names.some((known) => known.test(name))), []);
});

Deno.test("a name that no test has is reported as missing", async () => {
  const names = await testNames(new URL("./", import.meta.url));
  const [missing] = namedIn("| a | b | `no test has this name` |");
  assert(!names.some((known) => known.test(missing!)));
});
