/** Package recipes and installers of a release, from its SHA256SUMS. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fill } from "../../../scripts/release/packages.ts";

const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc.exe",
];

const digest = (index: number) => String(index).repeat(64);
const sums = TARGETS.map((target, index) => `${digest(index)}  coax-${target}\n`).join("");
const release = { version: "1.2.3", home: "https://example.org/o/coax", sums };
const FILES = "https://example.org/o/coax/releases/download/v1.2.3";

const filled = async (path: string) =>
  fill(await Deno.readTextFile(new URL(`../../../${path}`, import.meta.url)), release);

Deno.test("the Homebrew formula has each system's file with its own digest", async () => {
  const formula = await filled("scripts/release/homebrew/coax.rb");
  const pairs = [...formula.matchAll(/url "(.*)"\n\s*sha256 "(.*)"/g)].map(([, ...pair]) => pair);
  const wanted = TARGETS.slice(0, 4).map((target, index) => {
    return [`${FILES}/coax-${target}`, digest(index)];
  });
  assertEquals(pairs.sort(), wanted.sort());
  assert(formula.includes('version "1.2.3"'));
  assert(!/@[A-Z]/.test(formula), formula);
});

Deno.test("the Scoop manifest is JSON with the digest of the Windows program", async () => {
  const manifest = JSON.parse(await filled("scripts/release/scoop/coax.json"));
  assertEquals(manifest.version, "1.2.3");
  assertEquals(manifest.architecture["64bit"], {
    url: `${FILES}/coax-${TARGETS[4]}#/coax.exe`,
    hash: digest(4),
  });
});

for (const name of ["install.sh", "install.ps1"]) {
  Deno.test(`${name} of a release downloads from that release`, async () => {
    const script = await filled(`scripts/release/${name}`);
    assert(script.includes(FILES), script);
    assert(!script.includes("@BASE_URL@"));
  });
}

Deno.test("a recipe for a file that the release lacks is an error that names it", () => {
  const wanted = "@SHA256 coax-riscv64-unknown-linux-gnu@";
  assertThrows(() => fill(wanted, release), Error, `nothing to put for ${wanted}`);
});

Deno.test("a name that means nothing is an error", () => {
  assertThrows(() => fill("@VERSOIN@", release), Error, "nothing to put for @VERSOIN@");
});
