/** How the program's chunks are made: few are loaded at its start. */
import { assert, assertEquals } from "@std/assert";
import { bundle } from "../../scripts/compile.ts";
import { temporary } from "../e2e/coax.ts";

/** The chunks that `file` needs before it can run. */
async function needed(folder: string, file: string, found: Set<string>): Promise<void> {
  const text = await Deno.readTextFile(`${folder}/${file}`);
  for (const [, chunk] of text.matchAll(/(?:\bfrom|\bimport)\s*"\.\/([^"]+)"/g)) {
    if (found.has(chunk!)) continue;
    found.add(chunk!);
    await needed(folder, chunk!, found);
  }
}

Deno.test("the program starts with one chunk of coax and one of the bundler, wherever it is", async () => {
  await using one = await temporary();
  await using other = await temporary();
  await bundle(one.path, "--minify");
  const found = new Set<string>();
  await needed(one.path, "main.js", found);
  assert(found.size <= 2, `${found.size} chunks: ${[...found].join(", ")}`);
  await bundle(other.path, "--minify");
  const namesIn = (path: string) => [...Deno.readDirSync(path)].map(({ name }) => name).sort();
  assertEquals(namesIn(one.path), namesIn(other.path));
});
