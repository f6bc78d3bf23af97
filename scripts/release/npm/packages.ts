/**
 * Lays out coax as npm packages, one for each platform with nothing but its program, and a main one
 * that depends on all of them optionally: npm then installs the one that fits.
 */
import { createHash } from "node:crypto";
import config from "../../../deno.json" with { type: "json" };
import { SUMMARY } from "../../../src/manual/help.ts";
import { digestsOf, fill, type Release } from "../packages.ts";
import { NAME, packageOf, type Platform, PLATFORMS, suffixOf } from "./platforms.ts";

const HERE = new URL("./", import.meta.url);
const LICENSE = new URL("../../../LICENSE", HERE);

/** The least version of Node that the launcher is written for. */
const NODE = ">=18";

/**
 * Writes each package into a folder of its own name in `output`, from the programs `coax-TARGET` in
 * `dist`, and returns these names; the main package, which needs the others, is the last. Rejects
 * if a program isn't what the release's digests say.
 */
export async function writePackages(
  dist: string,
  output: string,
  release: Release,
): Promise<string[]> {
  for (const platform of PLATFORMS) await writeProgram(platform, dist, output, release);
  await writeMain(`${output}/${NAME}`, release);
  return [...PLATFORMS.map(packageOf), NAME];
}

async function writeProgram(
  platform: Platform,
  dist: string,
  output: string,
  release: Release,
): Promise<void> {
  const folder = `${output}/${packageOf(platform)}`;
  const suffix = suffixOf(platform);
  const built = `coax-${platform.target}${suffix}`;
  const bytes = await Deno.readFile(`${dist}/${built}`);
  const digest = createHash("sha256").update(bytes).digest("hex");
  if (digest !== digestsOf(release.sums).get(built)) {
    throw new Error(`${built} isn't what SHA256SUMS says`);
  }
  const { os, cpu, libc } = platform;
  await writeCommon(folder, {
    ...common(packageOf(platform), `The program of ${NAME} for ${os}-${cpu}`, release),
    os: [os],
    cpu: [cpu],
    ...libc && { libc: [libc] },
    files: [`coax${suffix}`],
    preferUnplugged: true, // A program can't be executed inside an archive.
  });
  const readme = `# coax for ${os}-${cpu}\n\nThe program of \`${NAME}\`: install that.\n`;
  await Deno.writeTextFile(`${folder}/README.md`, readme);
  await Deno.writeFile(`${folder}/coax${suffix}`, bytes);
  await Deno.chmod(`${folder}/coax${suffix}`, 0o755);
}

async function writeMain(folder: string, release: Release): Promise<void> {
  await writeCommon(folder, {
    ...common(NAME, SUMMARY, release),
    bin: { coax: "coax.mjs" },
    files: ["coax.mjs"],
    engines: { node: NODE },
    optionalDependencies: Object.fromEntries(
      PLATFORMS.map((platform) => [packageOf(platform), release.version]),
    ),
  });
  const readme = await Deno.readTextFile(new URL("README.md", HERE));
  await Deno.writeTextFile(`${folder}/README.md`, fill(readme.replaceAll("@NAME@", NAME), release));
  await Deno.copyFile(new URL("coax.mjs", HERE), `${folder}/coax.mjs`);
  await Deno.chmod(`${folder}/coax.mjs`, 0o755);
}

/** The fields of every package. npm refuses provenance from another place than `repository`. */
function common(name: string, description: string, { version, home }: Release) {
  const repository = { type: "git", url: `git+${home}.git` };
  return { name, version, description, license: config.license, repository };
}

async function writeCommon(folder: string, manifest: Record<string, unknown>): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  await Deno.writeTextFile(`${folder}/package.json`, `${JSON.stringify(manifest, null, 2)}\n`);
  await Deno.copyFile(LICENSE, `${folder}/LICENSE`);
}
