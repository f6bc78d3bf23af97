/** What the image of a container is made of. */
import { assert, assertEquals } from "@std/assert";
import { temporary } from "../../e2e/coax.ts";
import { available, testWith } from "../../interop/peer_program.ts";

const FOLDER = new URL("../../../scripts/release/container/", import.meta.url);
const glibc = { name: "glibc's ldd", available: available("ldd", ["--version"], /GLIBC|GNU libc/) };

/** The regular files below a folder, as absolute paths in it. */
async function files(folder: string, path = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder + path)) {
    const inner = `${path}/${name}`;
    found.push(...isDirectory ? await files(folder, inner) : [inner]);
  }
  return found.sort();
}

testWith(glibc, "an image has the program, its libraries and what names need", async () => {
  await using temp = await temporary();
  const script = new URL("image.sh", FOLDER).pathname;
  const root = `${temp.path}/root`;
  const { success, stderr } = await new Deno.Command("sh", {
    args: [script, Deno.execPath(), root],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  const found = await files(root);
  const libraries = found.filter((path) => path.startsWith("/lib"));
  const names = libraries.map((path) => path.replace(/.*\//, "").replace(/\.so.*/, ""));
  for (const name of ["libc", "libdl", "libgcc_s", "libm", "libpthread"]) {
    assert(names.includes(name), names.join(" "));
  }
  assert(names.some((name) => name.startsWith("ld-linux")), names.join(" "));
  assertEquals(found.filter((path) => !libraries.includes(path)), [
    "/etc/group",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/ssl/certs/ca-certificates.crt",
    "/usr/bin/coax",
  ]);
  assertEquals((await Deno.stat(`${root}/tmp`)).mode! & 0o7777, 0o1777);
});

Deno.test("an image runs the program as the user that image.sh makes", async () => {
  const recipe = await Deno.readTextFile(new URL("Containerfile", FOLDER));
  const script = await Deno.readTextFile(new URL("image.sh", FOLDER));
  const [, user] = /^USER (\d+:\d+)$/m.exec(recipe)!;
  assert(script.includes(`coax:x:${user}:`), user);
  assert(recipe.endsWith('\nENTRYPOINT ["/usr/bin/coax"]\n'), recipe);
});
