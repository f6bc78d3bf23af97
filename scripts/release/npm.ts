// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Packs coax for npm, from the programs of `deno task compile --all`: `deno task npm HOME` writes
 * `dist/npm/*.tgz`; HOME is the repository, `https://github.com/…`. Whoever publishes them begins
 * with the platforms' packages: the main one needs them.
 */
import { VERSION } from "../../src/cli/version.ts";
import { writePackages } from "./npm/packages.ts";
import type { Release } from "./packages.ts";

const DIST = new URL("../../dist/", import.meta.url).pathname;

/** Packs all packages of a release into `output`, and returns the archives, the main one last. */
export async function packAll(dist: string, output: string, release: Release): Promise<string[]> {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.mkdir(output, { recursive: true });
    const names = await writePackages(dist, folder, release);
    await pack(names.map((name) => `${folder}/${name}`), output);
    return names.map((name) => `${output}/${name}-${release.version}.tgz`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Packs folders with npm, which keeps the mode of the programs. */
async function pack(folders: readonly string[], output: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("npm", {
    args: ["pack", "--silent", "--ignore-scripts", "--pack-destination", output, ...folders],
    stdin: "null",
  }).output();
  if (!success) throw new Error(`npm pack: ${new TextDecoder().decode(stderr).trim()}`);
}

async function main(home: string): Promise<void> {
  const sums = await Deno.readTextFile(`${DIST}SHA256SUMS`);
  for (const archive of await packAll(DIST, `${DIST}npm`, { version: VERSION, home, sums })) {
    const { size } = await Deno.stat(archive);
    console.error(`npm: dist/${archive.slice(DIST.length)}, ${(size / 2 ** 20).toFixed(1)} MiB`);
  }
}

if (import.meta.main) {
  const [home, ...more] = Deno.args;
  if (!home?.startsWith("https://") || more.length > 0) {
    console.error("usage: deno task npm https://HOST/OWNER/REPOSITORY");
    Deno.exit(2);
  }
  try {
    await main(home.replace(/\/$/, ""));
  } catch (error) {
    console.error(`npm: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
