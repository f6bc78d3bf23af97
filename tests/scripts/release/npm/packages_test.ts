/** What is in the npm packages of a release. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import config from "../../../../deno.json" with { type: "json" };
import { writePackages } from "../../../../scripts/release/npm/packages.ts";
import { PLATFORMS } from "../../../../scripts/release/npm/platforms.ts";
import { TARGETS } from "../../../../scripts/compile.ts";
import { temporary } from "../../../e2e/coax.ts";
import { layOut, releaseOf, VERSION } from "./packed.ts";

const PACKAGES = [
  "coax-cli-linux-x64",
  "coax-cli-linux-arm64",
  "coax-cli-darwin-x64",
  "coax-cli-darwin-arm64",
  "coax-cli-win32-x64",
];

const manifest = async (folder: string) =>
  JSON.parse(await Deno.readTextFile(`${folder}/package.json`));

const filesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("the main package has the launcher and depends on each platform's, optionally", async () => {
  await using temp = await temporary();
  const folder = `${await layOut("#!/bin/sh\n", temp.path)}/coax-cli`;
  assertEquals(filesIn(folder), ["LICENSE", "README.md", "coax.mjs", "package.json"]);
  const { bin, version, license, repository, dependencies, optionalDependencies } = await manifest(
    folder,
  );
  assertEquals([bin, version, license], [{ coax: "coax.mjs" }, VERSION, config.license]);
  assertEquals(repository.url, "git+https://example.org/o/coax.git");
  assertEquals(dependencies, undefined);
  assertEquals(
    optionalDependencies,
    Object.fromEntries(PACKAGES.map((name) => [name, VERSION])),
  );
  assert(!/@[A-Z]/.test(await Deno.readTextFile(`${folder}/README.md`)));
});

Deno.test("a platform's package has its program, and says where it fits", async () => {
  await using temp = await temporary();
  const modules = await layOut("#!/bin/sh\n", temp.path);
  const found: Record<string, unknown> = {};
  for (const name of PACKAGES) {
    const { os, cpu, libc, bin } = await manifest(`${modules}/${name}`);
    assertEquals(bin, undefined, "only the main package may be called coax");
    const program = os[0] === "win32" ? "coax.exe" : "coax";
    const files = filesIn(`${modules}/${name}`);
    assertEquals(files, ["LICENSE", "README.md", program, "package.json"]);
    const { mode } = await Deno.stat(`${modules}/${name}/${program}`);
    if (Deno.build.os !== "windows") assertEquals(mode! & 0o777, 0o755);
    found[name] = [os, cpu, libc];
  }
  assertEquals(found, {
    "coax-cli-linux-x64": [["linux"], ["x64"], ["glibc"]],
    "coax-cli-linux-arm64": [["linux"], ["arm64"], ["glibc"]],
    "coax-cli-darwin-x64": [["darwin"], ["x64"], undefined],
    "coax-cli-darwin-arm64": [["darwin"], ["arm64"], undefined],
    "coax-cli-win32-x64": [["win32"], ["x64"], undefined],
  });
});

Deno.test("every target that is compiled has a package", () => {
  assertEquals(PLATFORMS.map(({ target }) => target), TARGETS);
});

Deno.test("a program that isn't what SHA256SUMS says is not packed", async () => {
  await using temp = await temporary();
  const release = await releaseOf(() => "#!/bin/sh\n", temp.path);
  await Deno.writeTextFile(`${temp.path}/coax-aarch64-apple-darwin`, "another");
  await assertRejects(
    () => writePackages(temp.path, `${temp.path}/npm`, release),
    Error,
    "coax-aarch64-apple-darwin isn't what SHA256SUMS says",
  );
});
