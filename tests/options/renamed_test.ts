/**
 * An option that is renamed in its table must not silently lose its effect: all code that reads it
 * names it, so that the old name doesn't compile.
 */
import { assertEquals } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";

const ROOT = new URL("../../", import.meta.url);
/** The layers that receive a command's options. */
const LAYERS = ["cli", "commands", "options", "relay", "setup", "talk"];
/** `OptionsOf`'s mapping to keys, and the same with every option renamed. */
const NAMED = "[K in keyof F]: F[K] extends";
const RENAMED = "[K in keyof F as `renamed ${K & string}`]: F[K] extends";

async function* sources(folder: URL): AsyncGenerator<URL> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else yield new URL(name, folder);
  }
}

/** A copy of the program in which every option has another name. */
async function renamedCopy(directory: string): Promise<void> {
  const copy = new URL(`file://${directory}/`);
  const files = [new URL("main.ts", ROOT), new URL("deno.json", ROOT), new URL("deno.lock", ROOT)];
  for await (const file of sources(new URL("src/", ROOT))) files.push(file);
  for (const file of files) {
    const place = new URL(file.href.slice(ROOT.href.length), copy);
    await Deno.mkdir(new URL(".", place), { recursive: true });
    await Deno.copyFile(file, place);
  }
  const flag = new URL("src/flags/flag.ts", copy);
  const text = await Deno.readTextFile(flag);
  assertEquals(text.split(NAMED).length, 2, "OptionsOf is defined in one place");
  await Deno.writeTextFile(flag, text.replace(NAMED, RENAMED));
}

/** The type checker's errors there. */
async function complaints(directory: string): Promise<string> {
  const { stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["check", "--quiet", "main.ts"],
    cwd: directory,
    env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdout: "null",
  }).output();
  return new TextDecoder().decode(stderr);
}

/** The names that no longer exist, as read and as types pick them. */
function missingNames(complaints: string): Set<string> {
  const read = complaints.matchAll(/Property '(\w+)' does not exist/g);
  const picked = complaints.matchAll(/Type '([^']+)' does not satisfy the constraint/g);
  return new Set([
    ...[...read].map(([, name]) => name!),
    ...[...picked].flatMap(([, names]) => names!.match(/\w+/g)!),
  ]);
}

Deno.test("an option that is renamed doesn't compile where it is read, whichever it is", async () => {
  const directory = await Deno.makeTempDir({ prefix: "coax-renamed-" });
  try {
    await renamedCopy(directory);
    const missing = missingNames(await complaints(directory));
    const keys = (await loadCommands()).flatMap(({ flags }) => Object.keys(flags));
    assertEquals([...new Set(keys)].filter((key) => !missing.has(key)), []);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("options are mapped, never spread: a spread passes on whatever name is there", async () => {
  const spread: string[] = [];
  for (const layer of LAYERS) {
    for await (const file of sources(new URL(`src/${layer}/`, ROOT))) {
      const lines = (await Deno.readTextFile(file)).split("\n");
      for (const [i, line] of lines.entries()) {
        const found = /\.\.\.\s*[\w.#]*\b(options|context)\b/.test(line);
        if (found) spread.push(`${file.href.slice(ROOT.href.length)}:${i + 1}: ${line.trim()}`);
      }
    }
  }
  assertEquals(spread, []);
});
