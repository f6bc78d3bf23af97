/**
 * Programs that npm brings for tests of packages: a registry (Verdaccio) and a Node that can be
 * replaced by the program that it starts. They are installed once, into the repository's `.deno/`.
 */

const VERSIONS = { node: "24.21.0", verdaccio: "6.10.4" };
const HOME = new URL(`../../.deno/npm-tools-${Object.values(VERSIONS).join("-")}`, import.meta.url)
  .pathname;

const NODE = `node-${Deno.build.os}-${Deno.build.arch === "x86_64" ? "x64" : "arm64"}`;

const MANIFEST = {
  private: true,
  dependencies: { [NODE]: VERSIONS.node, verdaccio: VERSIONS.verdaccio },
  // One of its packages asks for `node-fetch@cjs`: a mirror may not have that tag.
  overrides: { "node-fetch": "2.7.0" },
};

/** The folder of `node`, and the script of Verdaccio. */
export interface NpmTools {
  readonly bin: string;
  readonly verdaccio: string;
}

/** The tools; or, where they can't be had, what npm says. */
export async function npmTools(): Promise<NpmTools | string> {
  try {
    await Deno.stat(HOME);
  } catch {
    const problem = await install();
    if (problem) return problem;
  }
  const modules = `${HOME}/node_modules`;
  return { bin: `${modules}/${NODE}/bin`, verdaccio: `${modules}/verdaccio/bin/verdaccio` };
}

/** Installs beside the place and renames: what has the name is whole. Returns npm's complaint. */
async function install(): Promise<string | undefined> {
  await Deno.mkdir(new URL("../../.deno", import.meta.url), { recursive: true });
  const folder = await Deno.makeTempDir({ dir: HOME.slice(0, HOME.lastIndexOf("/")) });
  try {
    await Deno.writeTextFile(`${folder}/package.json`, JSON.stringify(MANIFEST));
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund"],
      stdin: "null",
    }).output();
    if (!success) return new TextDecoder().decode(stderr).trim().split("\n")[0];
    await Deno.rename(folder, HOME).catch(() => Deno.stat(HOME)); // Another run was first.
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await Deno.remove(folder, { recursive: true }).catch(() => {});
  }
}
