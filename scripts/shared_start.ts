/**
 * Sources whose bundle starts with one chunk, and has one more of what every command needs. A
 * bundler makes a chunk of the modules that the same entries need, and each `import()` names an
 * entry. So what all begin with came in thirty chunks, each loaded on its own. In this copy, each
 * of those entries needs all of it.
 */
import { dirname, join, relative } from "node:path";

/** What coax begins with, whatever it is to do, and what every command needs besides. */
const START = ["src/cli/main.ts", "src/cli/run_command.ts"];
/** The module with the version. */
const VERSION = "src/cli/version.ts";
const COPIED = ["main.ts", "deno.json", "deno.lock"];
/** An `import()` of a module of our own. */
const DYNAMIC_IMPORT = /\bimport\(\s*"(\.[^"]+)",?\s*\)/g;

/** Copies the sources of coax from `root` to `folder`, which exists. */
export async function copySharingStart(root: string, folder: string): Promise<void> {
  for (const file of COPIED) await Deno.copyFile(join(root, file), join(folder, file));
  const entries = new Set<string>();
  const modules = await Array.fromAsync(filesIn(root, "src"));
  for (const module of modules) {
    const text = await Deno.readTextFile(join(root, module));
    await Deno.mkdir(join(folder, dirname(module)), { recursive: true });
    await Deno.writeTextFile(join(folder, module), text);
    for (const [, path] of text.matchAll(DYNAMIC_IMPORT)) entries.add(join(dirname(module), path!));
  }
  await writeVersion(root, join(folder, VERSION));
  for (const entry of entries) {
    const statements = START.filter((module) => module !== entry).map((module) => {
      const start = relative(dirname(entry), module).replaceAll("\\", "/");
      return `\nimport ${JSON.stringify(start.startsWith(".") ? start : `./${start}`)};\n`;
    });
    await Deno.writeTextFile(join(folder, entry), statements.join(""), {
      append: true,
      create: false,
    });
  }
}

/** The version's module without the whole of `deno.json`, which a bundler takes along. */
async function writeVersion(root: string, module: string): Promise<void> {
  const { version } = JSON.parse(await Deno.readTextFile(join(root, "deno.json")));
  await Deno.writeTextFile(module, `export const VERSION = ${JSON.stringify(version)};\n`, {
    create: false,
  });
}

/** Paths of all files in a folder of `root`, from `root` on. */
async function* filesIn(root: string, folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* filesIn(root, path);
    else yield path;
  }
}
