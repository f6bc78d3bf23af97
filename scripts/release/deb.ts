// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Builds a Debian package of a compiled program, its man page, its completions and a systemd unit:
 * `deno task deb` of `dist/coax`, `deno task deb TARGET` of `dist/coax-TARGET`. Writes
 * `dist/coax_VERSION_ARCHITECTURE.deb`.
 */
import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import config from "../../deno.json" with { type: "json" };
import { completionScript } from "../../src/completions/mod.ts";
import { SUMMARY } from "../../src/manual/help.ts";

const ROOT = new URL("../../", import.meta.url);

/** Debian's names of the targets' architectures. */
const ARCHITECTURES: Record<string, string> = {
  "x86_64-unknown-linux-gnu": "amd64",
  "aarch64-unknown-linux-gnu": "arm64",
};

/** A file of the package: its installed path, its content and its mode. */
interface PackageFile {
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly mode: number;
}

/**
 * Packs `program`, compiled for `target`, and returns the package's path in `folder`. Rejects for a
 * target that Debian doesn't have, and with the message of `dpkg-deb` where that fails.
 */
export async function pack(program: string, target: string, folder: string): Promise<string> {
  const architecture = ARCHITECTURES[target];
  if (!architecture) throw new Error(`Debian doesn't run on ${target}`);
  const entries = [
    { path: "usr/bin/coax", bytes: await Deno.readFile(program), mode: 0o755 },
    ...await documents(),
  ];
  const tree = await Deno.makeTempDir();
  try {
    await Deno.chmod(tree, 0o755); // It becomes the package's root folder.
    for (const entry of entries) await install(tree, entry);
    await install(tree, file("DEBIAN/control", await control(architecture, entries)));
    await install(tree, file("DEBIAN/md5sums", entries.map(checksum).join("")));
    const output = `${folder}/coax_${config.version}_${architecture}.deb`;
    await build(tree, output);
    return output;
  } finally {
    await Deno.remove(tree, { recursive: true });
  }
}

/** Documentation, completions and a systemd unit, where Debian's policy (§12) has them. */
async function documents(): Promise<PackageFile[]> {
  const text = (path: string) => Deno.readTextFile(new URL(path, ROOT));
  const own = (name: string) => text(`scripts/release/debian/${name}`);
  const completions = "usr/share/bash-completion/completions/coax";
  return [
    file("usr/share/man/man1/coax.1.gz", await text("docs/coax.1")),
    file("usr/share/doc/coax/changelog.gz", await text("docs/CHANGELOG.md")),
    file("usr/share/doc/coax/copyright", copyright(await text("LICENSE"))),
    file(completions, completionScript("bash")),
    file("usr/share/zsh/vendor-completions/_coax", completionScript("zsh")),
    file("usr/share/fish/vendor_completions.d/coax.fish", completionScript("fish")),
    file("usr/lib/systemd/system/coax-relay@.service", await own("coax-relay@.service")),
    file("usr/share/doc/coax/examples/relay.conf", await own("relay.conf")),
  ];
}

/** A text file; one whose name ends in `.gz` is compressed. */
function file(path: string, text: string): PackageFile {
  const bytes = new TextEncoder().encode(text);
  const packed = path.endsWith(".gz") ? new Uint8Array(gzipSync(bytes, { level: 9 })) : bytes;
  return { path, bytes: packed, mode: 0o644 };
}

/** The licence in Debian's machine-readable format (DEP-5). */
function copyright(license: string): string {
  const [, holders] = /^Copyright \(c\) (.*)$/m.exec(license)!;
  const terms = license.slice(license.indexOf("Permission")).trimEnd();
  return [
    "Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/",
    "Upstream-Name: coax",
    "",
    "Files: *",
    `Copyright: ${holders}`,
    `License: ${config.license}`,
    ...terms.split("\n").map((line) => ` ${line || "."}`),
    "",
  ].join("\n");
}

async function control(architecture: string, entries: readonly PackageFile[]): Promise<string> {
  const facts: Record<string, string> = {
    VERSION: config.version,
    ARCHITECTURE: architecture,
    INSTALLED_SIZE: String(installedSize(entries)),
    SUMMARY,
  };
  const template = await Deno.readTextFile(new URL("scripts/release/debian/control", ROOT));
  return template.replace(/@(\w+)@/g, (_, name) => facts[name]!);
}

/** KiB, each file rounded up, and one for each folder (Debian policy §5.6.20). */
function installedSize(entries: readonly PackageFile[]): number {
  const folders = new Set(entries.flatMap(({ path }) => parents(path)));
  return entries.reduce((sum, { bytes }) => sum + Math.ceil(bytes.length / 1024), folders.size);
}

/** `a/b/c` → `a/b`, `a`. */
function parents(path: string): string[] {
  const slash = path.lastIndexOf("/");
  return slash < 0 ? [] : [path.slice(0, slash), ...parents(path.slice(0, slash))];
}

function checksum({ path, bytes }: PackageFile): string {
  return `${createHash("md5").update(bytes).digest("hex")}  ${path}\n`;
}

async function install(tree: string, { path, bytes, mode }: PackageFile): Promise<void> {
  for (const parent of parents(path).reverse()) {
    await Deno.mkdir(`${tree}/${parent}`, { recursive: true });
    await Deno.chmod(`${tree}/${parent}`, 0o755); // Whatever the umask says.
  }
  await Deno.writeFile(`${tree}/${path}`, bytes);
  await Deno.chmod(`${tree}/${path}`, mode);
}

/** Uses the quickest level of xz: the slowest takes ten times as long for a seventh less. */
async function build(tree: string, output: string): Promise<void> {
  const args = ["--root-owner-group", "-Zxz", "-z1", "--build", tree, output];
  const { success, stderr } = await new Deno.Command("dpkg-deb", { args }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr).trim());
}

if (import.meta.main) {
  const [target] = Deno.args;
  const program = new URL(`dist/coax${target ? `-${target}` : ""}`, ROOT).pathname;
  try {
    const folder = new URL("dist", ROOT).pathname;
    const output = await pack(program, target ?? Deno.build.target, folder);
    const { size } = await Deno.stat(output);
    console.error(`deb: ${output.slice(ROOT.pathname.length)}, ${Math.round(size / 2 ** 20)} MiB`);
  } catch (error) {
    console.error(`deb: ${error instanceof Error ? error.message : error}`);
    Deno.exit(1);
  }
}
