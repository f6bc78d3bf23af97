/** npm packages of a release, made of any programs. */
import { writePackages } from "../../../../scripts/release/npm/packages.ts";
import { PLATFORMS, suffixOf } from "../../../../scripts/release/npm/platforms.ts";
import type { Release } from "../../../../scripts/release/packages.ts";
import { sha256 } from "../../../e2e/peers.ts";

export const VERSION = "1.2.3";

/** Writes the programs, by target, into `dist`; says what their release is. */
export async function releaseOf(
  programOf: (target: string) => string | Uint8Array<ArrayBuffer>,
  dist: string,
): Promise<Release> {
  await Deno.mkdir(dist, { recursive: true });
  let sums = "";
  for (const platform of PLATFORMS) {
    const file = `coax-${platform.target}${suffixOf(platform)}`;
    const program = programOf(platform.target);
    const bytes = typeof program === "string" ? new TextEncoder().encode(program) : program;
    await Deno.writeFile(`${dist}/${file}`, bytes);
    sums += `${await sha256(bytes)}  ${file}\n`;
  }
  return { version: VERSION, home: "https://example.org/o/coax", sums };
}

/** Lays out packages with one shell script for all platforms, in `folder/node_modules`. */
export async function layOut(program: string, folder: string): Promise<string> {
  const release = await releaseOf(() => program, `${folder}/dist`);
  const modules = `${folder}/node_modules`;
  await writePackages(`${folder}/dist`, modules, release);
  return modules;
}
