/** The npm packages whose code is in the bundle or in a page, as source maps name them. */
import { pathToFileURL } from "node:url";
import { bundle } from "../../compile.ts";
import { PAGES } from "../../pages.ts";
import { type Component, type Dependency, type Inventory, library, licenses } from "./component.ts";

/** What `deno.lock` says of a package, by `name@version`. */
interface Locked {
  readonly integrity: string;
  /** `name`, or `name@version` where the lock has several versions. */
  readonly dependencies?: readonly string[];
}

interface Package {
  readonly name: string;
  readonly version: string;
  /** Its folder in Deno's cache. */
  readonly folder: URL;
}

/** A source in Deno's cache of npm: `…/npm/HOST/NAME/VERSION/FILE`. */
const CACHED = /^(.*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/(\d[^/]*)\/)/;

/** Bundles the program and lists its packages, with the digests of `deno.lock`. */
export async function bundled(): Promise<Inventory> {
  const file = new URL("../../../deno.lock", import.meta.url);
  const locked: Record<string, Locked> = JSON.parse(await Deno.readTextFile(file)).npm;
  const packages = await packagesOfBundle();
  const keys = [...packages.keys()].sort();
  const dependencies = keys.map((key) => dependency(key, locked[key]!, packages));
  const needed = new Set(dependencies.flatMap(({ dependsOn }) => dependsOn));
  return {
    components: await Promise.all(keys.map((key) => describe(packages.get(key)!, locked[key]!))),
    dependencies,
    roots: keys.map(purl).filter((ref) => !needed.has(ref)),
  };
}

/** The packages of the bundle and of the pages in it, by `name@version`. */
async function packagesOfBundle(): Promise<Map<string, Package>> {
  const folder = await Deno.makeTempDir();
  try {
    const packages = new Map<string, Package>();
    const program = `${folder}/program`;
    await bundle(program, "--minify", "--sourcemap=external");
    await addAll(packages, program);
    for (const [i, page] of PAGES.entries()) {
      await bundlePage(page.folder + page.program, `${folder}/${i}`);
      await addAll(packages, `${folder}/${i}`);
    }
    return packages;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Bundles a page's program, which is in the program's bundle as text. */
async function bundlePage(program: string, folder: string): Promise<void> {
  const args = ["bundle", "--quiet", "--platform", "browser", "--sourcemap=external"];
  const cwd = new URL("../../../", import.meta.url);
  const command = new Deno.Command(Deno.execPath(), {
    args: [...args, "--outdir", folder, program],
    cwd,
  });
  const { success, stderr } = await command.output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** Adds the packages that the source maps in a folder name. */
async function addAll(packages: Map<string, Package>, folder: string): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".map")) continue;
    const map = pathToFileURL(`${await Deno.realPath(folder)}/${name}`);
    const { sources } = JSON.parse(await Deno.readTextFile(map)) as { sources: string[] };
    for (const source of sources) add(packages, new URL(source, map));
  }
}

function add(packages: Map<string, Package>, source: URL): void {
  const [, folder, name, version] = CACHED.exec(source.href) ?? [];
  if (!folder) return;
  packages.set(`${name}@${version}`, { name: name!, version: version!, folder: new URL(folder) });
}

async function describe({ name, version, folder }: Package, lock: Locked): Promise<Component> {
  const manifest = JSON.parse(await Deno.readTextFile(new URL("package.json", folder)));
  const [algorithm, digest] = lock.integrity.split(/-(.*)/);
  return library(purl(`${name}@${version}`), {
    name,
    version,
    ...typeof manifest.license === "string" && { licenses: licenses(manifest.license) },
    hashes: [{
      alg: algorithm!.replace("sha", "SHA-"),
      content: Uint8Array.fromBase64(digest!).toHex(),
    }],
  });
}

function dependency(key: string, lock: Locked, packages: Map<string, Package>): Dependency {
  const all = [...packages.keys()];
  const found = (lock.dependencies ?? []).map((name) => {
    return all.find((key) => key === name || key.startsWith(`${name}@`));
  });
  return { ref: purl(key), dependsOn: found.filter((key) => key !== undefined).map(purl).sort() };
}

/** `@scope/name@1.0.0` → `pkg:npm/%40scope/name@1.0.0`. */
function purl(key: string): string {
  return `pkg:npm/${key.replace(/^@/, "%40")}`;
}
