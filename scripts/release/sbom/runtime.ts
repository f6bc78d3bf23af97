/** Deno's runtime: what it says of itself, and the Rust crates that compiled programs name. */
import { type Component, type Inventory, library, licenses } from "./component.ts";

/** A path in a crate, as a panic's message has it: `index.crates.io-HASH/NAME-VERSION/`. */
const CRATE = /index\.crates\.io-[0-9a-f]+[/\\]([A-Za-z][\w-]*?)-(\d+\.\d+\.\d+[\w.+-]*)[/\\]/g;

/**
 * The runtime that runs this script, and the crates of `programs`. A crate whose code can't panic
 * leaves no path in a program, and isn't listed; neither are the C libraries inside of crates.
 */
export function runtime(programs: readonly Uint8Array[]): Inventory {
  const deno = library(`pkg:github/denoland/deno@v${Deno.version.deno}`, {
    name: "deno",
    version: Deno.version.deno,
    licenses: licenses("MIT"),
  });
  const version = Deno.version.v8.replace(/-.*/, ""); // Without `-rusty`, the mark of a build.
  const v8 = library(`pkg:github/v8/v8@${version}`, {
    name: "v8",
    version,
    licenses: licenses("BSD-3-Clause"),
  });
  const parts = [v8, ...crates(programs)];
  return {
    components: [{ ...deno, type: "platform" }, ...parts],
    dependencies: [{ ref: deno.purl, dependsOn: parts.map((part) => part["bom-ref"]) }],
    roots: [deno.purl],
  };
}

function crates(programs: readonly Uint8Array[]): Component[] {
  const found = new Map<string, Component>();
  for (const program of programs) {
    for (const [, name, version] of new TextDecoder("latin1").decode(program).matchAll(CRATE)) {
      const purl = `pkg:cargo/${name}@${encodeURIComponent(version!)}`;
      found.set(purl, library(purl, { name: name!, version: version! }));
    }
  }
  return [...found].sort(([a], [b]) => a < b ? -1 : 1).map(([, crate]) => crate);
}
