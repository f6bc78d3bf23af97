/** What starting coax loads: heavy modules are loaded on demand. */
import { assert, assertEquals } from "@std/assert";
import { commandNames } from "../../src/commands/mod.ts";

const ROOT = new URL("../../", import.meta.url);
const MAIN = new URL("main.ts", ROOT).href;
const RUN = new URL("src/cli/run_command.ts", ROOT).href;
const COMMANDS = commandNames.map((name) => new URL(`src/commands/${name}.ts`, ROOT).href);

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

/** The modules loaded before the first line of `module` runs; types and `import()` aren't. */
function loadedBy(module: string, modules: ReadonlyMap<string, Module>): string[] {
  const loaded = new Set([module]);
  for (const specifier of loaded) {
    for (const { isDynamic, code } of modules.get(specifier)?.dependencies ?? []) {
      if (!isDynamic && code) loaded.add(code.specifier);
    }
  }
  return [...loaded];
}

function foreign(loaded: readonly string[]): string[] {
  return loaded.filter((specifier) => !specifier.startsWith("file:"))
    .filter((specifier) => !/deno-std/.test(specifier));
}

const modules = await graph();

Deno.test("starting coax loads no command, no npm package but the standard library, nothing of Node", () => {
  const loaded = loadedBy(MAIN, modules);
  assert(loaded.includes(new URL("src/cli/main.ts", ROOT).href));
  assertEquals(foreign(loaded), []);
  assertEquals(loaded.filter((module) => COMMANDS.includes(module)), []);
});

Deno.test("what answers --version loads nothing that only a command needs", () => {
  const loaded = loadedBy(MAIN, modules);
  const commandOnly = ["src/cli/run_command.ts", "src/address/address.ts", "src/core/log.ts"];
  for (const module of commandOnly.map((path) => new URL(path, ROOT).href)) {
    assert(modules.has(module) && !loaded.includes(module), module);
  }
});

for (const name of commandNames) {
  Deno.test(`starting coax ${name} loads no npm package but the standard library, nothing of Node`, () => {
    const module = new URL(`src/commands/${name}.ts`, ROOT).href;
    assert(modules.has(module), module);
    assertEquals(foreign(loadedBy(module, modules)), []);
    assertEquals(foreign(loadedBy(RUN, modules)), []);
  });
}

Deno.test("speaking WebSocket loads no npm package but the standard library", () => {
  const loaded = loadedBy(new URL("src/transports/ws.ts", ROOT).href, modules);
  assert(loaded.includes(new URL("src/ws/writer.ts", ROOT).href));
  assertEquals(foreign(loaded).filter((specifier) => !specifier.startsWith("node:")), []);
});

Deno.test("the input line is loaded only where there is a terminal", () => {
  const terminal = new URL("src/talk/terminal/", ROOT).href;
  assert(modules.has(`${terminal}input_line.ts`));
  for (const name of ["chat", "client", "server"]) {
    const loaded = loadedBy(new URL(`src/commands/${name}.ts`, ROOT).href, modules);
    assertEquals(loaded.filter((module) => module.startsWith(terminal)), []);
  }
});

Deno.test("a Tab loads no command before it knows which one is on the line", () => {
  const loaded = loadedBy(new URL("src/cli/complete.ts", ROOT).href, modules);
  assertEquals(foreign(loaded), []);
  assertEquals(loaded.filter((module) => COMMANDS.includes(module)), []);
});
