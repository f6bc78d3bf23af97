/** What the document says that compiled programs are made of. */
import { assert, assertEquals } from "@std/assert";
import { bundle } from "../../../scripts/compile.ts";
import { PAGES } from "../../../scripts/pages.ts";
import { sbom } from "../../../scripts/release/sbom.ts";
import { temporary } from "../../e2e/coax.ts";
import { sha256 } from "../../e2e/peers.ts";

/** A program that names two crates, one as Windows' programs do. */
const program = new TextEncoder().encode(
  "\0/home/x/index.crates.io-1949cf8c6b5b557f/rustls-webpki-0.103.3/src/lib.rs\0" +
    "C:\\index.crates.io-1949cf8c6b5b557f\\ash-0.38.0+1.3.281\\src\\lib.rs\0",
);
const document = await sbom(new Map([["coax-x", program], ["coax-y", program]]));
const withPurl = (prefix: string) =>
  document.components.filter(({ purl }) => purl?.startsWith(prefix));

/**
 * The packages of the unminified bundle and pages, which name each module in a comment before its
 * code.
 */
async function packagesInComments(): Promise<string[]> {
  await using temp = await temporary();
  await bundle(temp.path);
  const packages = new Set<string>();
  const bundled = [...Deno.readDirSync(temp.path)].map(({ name }) => `${temp.path}/${name}`);
  const codes = [
    ...bundled.map((path) => Deno.readTextFileSync(path)),
    ...await Promise.all(PAGES.map(({ folder, program }) => bundleOf(folder + program))),
  ];
  for (const code of codes) {
    const comments = code.matchAll(/^\s*\/\/ \S*\/npm\/[^/]+\/((?:@[^/]+\/)?[^/]+)\/([^/]+)\//gm);
    for (const [, name, version] of comments) packages.add(`${name}@${version}`);
  }
  return [...packages].sort();
}

/** The unminified program of a page. */
async function bundleOf(path: string): Promise<string> {
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["bundle", "--quiet", "--platform", "browser", path],
    cwd: new URL("../../../", import.meta.url),
  }).output();
  return new TextDecoder().decode(stdout);
}

Deno.test("every npm package of the bundle and its pages is in the document, and no other", async () => {
  const listed = withPurl("pkg:npm/").map(({ name, version }) => `${name}@${version}`);
  assert(listed.some((name) => name.startsWith("preact@")), "a page's package");
  assertEquals(listed.sort(), await packagesInComments());
});

Deno.test("a package has its licence and the digest of deno.lock", async () => {
  const text = await Deno.readTextFile(new URL("../../../deno.lock", import.meta.url));
  const { npm } = JSON.parse(text) as { npm: Record<string, { integrity: string }> };
  for (const { name, version, licenses, hashes } of withPurl("pkg:npm/")) {
    const digest = Uint8Array.fromHex(hashes![0]!.content).toBase64();
    assertEquals(`sha512-${digest}`, npm[`${name}@${version}`]!.integrity);
    assertEquals([hashes![0]!.alg, licenses?.length], ["SHA-512", 1], name);
  }
});

Deno.test("the runtime has Deno, V8, and the crates that programs name, once each", () => {
  const runtime = [...withPurl("pkg:github/"), ...withPurl("pkg:cargo/")];
  assertEquals(runtime.map(({ purl }) => purl), [
    `pkg:github/denoland/deno@v${Deno.version.deno}`,
    `pkg:github/v8/v8@${Deno.version.v8.replace("-rusty", "")}`,
    "pkg:cargo/ash@0.38.0%2B1.3.281",
    "pkg:cargo/rustls-webpki@0.103.3",
  ]);
});

Deno.test("references are unique, and each dependency's is a component's", () => {
  const { component } = document.metadata;
  const parts = [component, ...component.components, ...document.components];
  const refs = parts.map((part) => part["bom-ref"]);
  assertEquals(new Set(refs).size, refs.length);
  for (const { ref, dependsOn } of document.dependencies) {
    for (const name of [ref, ...dependsOn]) assert(refs.includes(name), name);
  }
  const [first] = document.dependencies;
  assertEquals(first!.ref, "coax");
  assert(first!.dependsOn.some((ref) => ref.startsWith("pkg:npm/%40peculiar/x509@")));
});

Deno.test("the document has the digest of each program's file", async () => {
  const content = await sha256(program);
  assertEquals(
    document.metadata.component.components.map(({ name, hashes }) => [name, hashes]),
    ["coax-x", "coax-y"].map((name) => [name, [{ alg: "SHA-256", content }]]),
  );
});
