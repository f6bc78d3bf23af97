/** npm packages of a release whose programs are a shell script. */
import { writePackages } from "../../../../scripts/release/npm/packages.ts";
import { PLATFORMS, suffixOf } from "../../../../scripts/release/npm/platforms.ts";
import type { Release } from "../../../../scripts/release/packages.ts";
import { sha256 } from "../../../e2e/peers.ts";

export const VERSION = "1.2.3";

/** Writes `program` as the program of every platform into `dist`; says what its release is. */
export async function releaseOf(program: string, dist: string): Promise<Release> {
  const bytes = new TextEncoder().encode(program);
  const digest = await sha256(bytes);
  let sums = "";
  await Deno.mkdir(dist, { recursive: true });
  for (const platform of PLATFORMS) {
    const file = `coax-${platform.target}${suffixOf(platform)}`;
    await Deno.writeFile(`${dist}/${file}`, bytes);
    sums += `${digest}  ${file}\n`;
  }
  return { version: VERSION, home: "https://example.org/o/coax", sums };
}

/** Lays out the packages as npm would install them: in `folder/node_modules`. */
export async function layOut(program: string, folder: string): Promise<string> {
  const release = await releaseOf(program, `${folder}/dist`);
  const modules = `${folder}/node_modules`;
  await writePackages(`${folder}/dist`, modules, release);
  return modules;
}
