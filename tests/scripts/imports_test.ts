/** What starting coax loads: whatever is heavy has to wait until somebody asks for it. */
import { assert, assertEquals } from "@std/assert";

const MAIN = new URL("../../main.ts", import.meta.url).href;

interface Dependency {
  readonly isDynamic?: boolean;
  readonly code?: { readonly specifier: string };
}

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly Dependency[];
}

/** Every module of the program by its specifier, as the runtime sees them. */
async function graph(): Promise<Map<string, Module>> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", MAIN],
    stderr: "null",
  }).output();
  const { modules } = JSON.parse(new TextDecoder().decode(stdout)) as { modules: Module[] };
  return new Map(modules.map((module) => [module.specifier, module]));
}

/** What is loaded before the first line of `main.ts` runs; types and `import()` aren't. */
function loadedAtStart(modules: ReadonlyMap<string, Module>): string[] {
  const loaded = new Set([MAIN]);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of modules.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

Deno.test("starting coax loads no npm package but the standard library, and nothing of Node", async () => {
  const loaded = loadedAtStart(await graph());
  assert(loaded.length > 50, `${loaded.length} modules`);
  const foreign = loaded.filter((specifier) => !specifier.startsWith("file:"));
  assertEquals(foreign.filter((specifier) => !/deno-std/.test(specifier)), []);
});
