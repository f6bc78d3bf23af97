/** The versions of Deno in `scripts/deno_versions`. */

const text = Deno.readTextFileSync(new URL("deno_versions", import.meta.url));

/** The version of this name: `2.7.11`. */
function version(name: "pinned" | "oldest" | "newest"): string {
  const found = new RegExp(`^${name}=(\\d+\\.\\d+\\.\\d+)$`, "m").exec(text);
  if (!found) throw new Error(`scripts/deno_versions has no line ${name}=VERSION`);
  return found[1]!;
}

export const PINNED = version("pinned");
export const OLDEST = version("oldest");
export const NEWEST = version("newest");
