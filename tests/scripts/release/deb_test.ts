/** The Debian package, of a small program that is packed quickly. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import config from "../../../deno.json" with { type: "json" };
import { pack } from "../../../scripts/release/deb.ts";
import { concat } from "../../../src/core/bytes.ts";
import { temporary } from "../../e2e/coax.ts";
import { available, testWith } from "../../interop/peer_program.ts";

const dpkg = { name: "dpkg-deb", available: available("dpkg-deb", ["--version"], /Debian/) };

async function output(command: string, ...args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, { args }).output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** A package of a program of `size` bytes, for arm64. */
async function packed(folder: string, size: number): Promise<string> {
  await Deno.writeFile(`${folder}/program`, new Uint8Array(size));
  return await pack(`${folder}/program`, "aarch64-unknown-linux-gnu", folder);
}

testWith(dpkg, "the package says its version, its architecture and its size", async () => {
  await using temp = await temporary();
  const deb = await packed(temp.path, 3 * 1024 * 1024);
  assertEquals(deb, `${temp.path}/coax_${config.version}_arm64.deb`);
  const field = async (name: string) => (await output("dpkg-deb", "--field", deb, name)).trim();
  assertEquals([await field("Version"), await field("Architecture")], [config.version, "arm64"]);
  const size = Number(await field("Installed-Size"));
  assert(size > 3 * 1024 && size < 4 * 1024, `${size} KiB`);
});

testWith(dpkg, "its files are root's, whatever the umask, and match their checksums", async () => {
  await using temp = await temporary();
  const umask = Deno.umask(0o077);
  try {
    const deb = await packed(temp.path, 10);
    for (const line of (await output("dpkg-deb", "--contents", deb)).trim().split("\n")) {
      assertMatch(line, /^(?:drwxr-xr-x|-rw-r--r--|-rwxr-xr-x(?=.*\/bin\/coax$)) root\/root /);
    }
    await output("dpkg-deb", "--raw-extract", deb, `${temp.path}/tree`);
    await output("sh", "-c", `cd ${temp.path}/tree && md5sum --check --strict DEBIAN/md5sums`);
  } finally {
    Deno.umask(umask);
  }
});

testWith(dpkg, "it brings the man page, the licence and the shells' completions", async () => {
  await using temp = await temporary();
  await output("dpkg-deb", "--extract", await packed(temp.path, 10), `${temp.path}/tree`);
  const share = `${temp.path}/tree/usr/share`;
  const page = await Deno.readTextFile(new URL("../../../docs/coax.1", import.meta.url));
  assertEquals(await output("gzip", "-dc", `${share}/man/man1/coax.1.gz`), page);
  assertMatch(
    await Deno.readTextFile(`${share}/doc/coax/copyright`),
    /^License: MIT\n Permission/m,
  );
  for (
    const [file, shell] of [
      ["bash-completion/completions/coax", "bash"],
      ["zsh/vendor-completions/_coax", "compdef"],
      ["fish/vendor_completions.d/coax.fish", "fish"],
    ]
  ) {
    assertMatch(await Deno.readTextFile(`${share}/${file}`), RegExp(`^#.*${shell}`));
  }
});

testWith(dpkg, "its program is byte for byte the compiled one", async () => {
  await using temp = await temporary();
  // Like a compiled program: an ELF file with code behind its sections, which strip would cut off.
  const code = new TextEncoder().encode("code behind the sections");
  const program = concat([await Deno.readFile("/bin/true"), code]);
  await Deno.writeFile(`${temp.path}/program`, program);
  const deb = await pack(`${temp.path}/program`, "x86_64-unknown-linux-gnu", temp.path);
  await output("dpkg-deb", "--extract", deb, `${temp.path}/tree`);
  assertEquals(await Deno.readFile(`${temp.path}/tree/usr/bin/coax`), program);
});

testWith(dpkg, "a system that isn't Debian's has no package", async () => {
  await using temp = await temporary();
  await assertRejects(
    () => pack("/dev/null", "x86_64-apple-darwin", temp.path),
    Error,
    "Debian doesn't run on x86_64-apple-darwin",
  );
});
