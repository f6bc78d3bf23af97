/** Package recipes and installers of a release, from its SHA256SUMS. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { fill, TEMPLATES } from "../../../scripts/release/packages.ts";
import { BASE, digest, FILES, recipe, release } from "./sample.ts";

const WINDOWS = "coax-x86_64-pc-windows-msvc.exe";

for (const path of TEMPLATES) {
  Deno.test(`${path} is filled, and refers to that release`, async () => {
    const filled = await recipe(path.replace("scripts/release/", ""));
    assert(!/@[A-Z]+[ @]/.test(filled), filled);
    assert(filled.includes(release.version), filled);
  });
}

Deno.test("the Homebrew formula has each system's file with its own digest", async () => {
  const formula = await recipe("homebrew/coax.rb");
  const pairs = [...formula.matchAll(/url "(.*)"\n\s*sha256 "(.*)"/g)].map(([, ...pair]) => pair);
  const wanted = FILES.slice(0, 4).map((file) => [`${BASE}/${file}`, digest(file)]);
  assertEquals(pairs.sort(), wanted.sort());
  assert(formula.includes('version "1.2.3"'));
});

Deno.test("the Scoop manifest is JSON with the digest of the Windows program", async () => {
  const manifest = JSON.parse(await recipe("scoop/coax.json"));
  assertEquals(manifest.version, "1.2.3");
  assertEquals(manifest.architecture["64bit"], {
    url: `${BASE}/${WINDOWS}#/coax.exe`,
    hash: digest(WINDOWS),
  });
});

for (const name of ["install.sh", "install.ps1"]) {
  Deno.test(`${name} of a release downloads from that release`, async () => {
    assert((await recipe(name)).includes(BASE));
  });
}

Deno.test("a recipe for a file that the release lacks is an error that names it", () => {
  const wanted = "@SHA256 coax-riscv64-unknown-linux-gnu@";
  assertThrows(() => fill(wanted, release), Error, `nothing to put for ${wanted}`);
});

Deno.test("a name that means nothing is an error", () => {
  assertThrows(() => fill("@VERSOIN@", release), Error, "nothing to put for @VERSOIN@");
});
