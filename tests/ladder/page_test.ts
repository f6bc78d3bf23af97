/** What a page in a browser needs of ladders must run there. */
import { assert, assertEquals } from "@std/assert";

const ROOT = new URL("../../", import.meta.url);
const PARTS = ["layout", "svg", "words/mod"].map((name) => `src/ladder/${name}.ts`);

/** Every module that `file` needs when it runs. */
async function modulesOf(file: string): Promise<string[]> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", new URL(file, ROOT).href],
    stderr: "null",
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as {
    modules: { specifier: string; dependencies?: { code?: { specifier: string } }[] }[];
  };
  const needed = new Set([new URL(file, ROOT).href]);
  for (const specifier of needed) {
    const module = modules.find((one) => one.specifier === specifier);
    for (const { code } of module?.dependencies ?? []) if (code) needed.add(code.specifier);
  }
  return [...needed];
}

for (const part of PARTS) {
  Deno.test(`${part} needs neither Deno nor Node`, async () => {
    const modules = await modulesOf(part);
    assert(modules.length > 1, "nothing was found");
    assertEquals(modules.filter((module) => module.startsWith("node:")), []);
    for (const module of modules.filter((one) => one.startsWith("file:"))) {
      const code = (await Deno.readTextFile(new URL(module))).replaceAll(
        /\/\*[^]*?\*\/|\/\/.*/g,
        "",
      );
      assert(!/\b(?:Deno|process)\b/.test(code), module);
    }
  });
}
