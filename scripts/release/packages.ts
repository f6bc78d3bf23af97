// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Fills the templates of installers and package recipes with the version of `deno.json`, the
 * repository's URL from the command line, and the digests of `dist/SHA256SUMS`. `deno task packages
 * HOME` writes them to `dist/`; HOME is the repository, `https://github.com/…`.
 */
import config from "../../deno.json" with { type: "json" };
import { SUMMARY } from "../../src/manual/help.ts";

const ROOT = new URL("../../", import.meta.url);
const DIST = new URL("dist/", ROOT);

export const TEMPLATES = [
  "scripts/release/install.sh",
  "scripts/release/install.ps1",
  "scripts/release/homebrew/coax.rb",
  "scripts/release/scoop/coax.json",
  "scripts/release/winget/coax.yaml",
  "scripts/release/winget/coax.installer.yaml",
  "scripts/release/winget/coax.locale.en-US.yaml",
  "scripts/release/aur/PKGBUILD",
  "scripts/release/aur/SRCINFO",
  "scripts/release/nix/coax.nix",
];

/** The facts of a release that its files need. */
export interface Release {
  readonly version: string;
  /** The repository's URL. */
  readonly home: string;
  /** The text of its SHA256SUMS. */
  readonly sums: string;
}

/** The digests of a SHA256SUMS, in hexadecimal, by the name of the file. */
export function digestsOf(sums: string): ReadonlyMap<string, string> {
  const lines = sums.matchAll(/^([\da-f]{64}) [ *](.+)$/gm);
  return new Map([...lines].map(([, digest, file]) => [file!, digest!]));
}

/**
 * Replaces every `@NAME@` of a template: `@VERSION@`, `@HOME@`, `@OWNER@` (the home's first
 * segment), `@BASE_URL@`, `@LICENSE@`, `@SUMMARY@`, `@SHA256 file@`. Throws for any other name, and
 * for a file without a digest.
 */
export function fill(template: string, { version, home, sums }: Release): string {
  const digests = digestsOf(sums);
  const facts: Record<string, string> = {
    VERSION: version,
    HOME: home,
    OWNER: new URL(home).pathname.split("/")[1]!,
    BASE_URL: `${home}/releases/download/v${version}`,
    LICENSE: config.license,
    SUMMARY,
  };
  return template.replace(/@([A-Z][A-Z0-9_]+)(?: ([\w.-]+))?@/g, (written, name, file) => {
    const value = name === "SHA256" ? digests.get(file) : facts[name];
    if (value === undefined) throw new Error(`nothing to put for ${written}`);
    return value;
  });
}

async function main(home: string): Promise<void> {
  const sums = await Deno.readTextFile(new URL("SHA256SUMS", DIST));
  for (const path of TEMPLATES) {
    const template = new URL(path, ROOT);
    const output = new URL(path.slice(path.lastIndexOf("/") + 1), DIST);
    const filled = fill(await Deno.readTextFile(template), { version: config.version, home, sums });
    await Deno.writeTextFile(output, filled);
    console.error(`packages: ${output.pathname.slice(ROOT.pathname.length)}`);
  }
}

if (import.meta.main) {
  const [home, ...more] = Deno.args;
  if (!home?.startsWith("https://") || more.length > 0) {
    console.error("usage: deno task packages https://HOST/OWNER/REPOSITORY");
    Deno.exit(2);
  }
  try {
    await main(home.replace(/\/$/, ""));
  } catch (error) {
    console.error(`packages: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
