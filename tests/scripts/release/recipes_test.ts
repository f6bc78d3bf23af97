/**
 * Recipes as the package managers' own parsers read them, and what they install: of a small program
 * that, like a compiled one, is an ELF file with code behind its sections.
 */
import { assert, assertEquals } from "@std/assert";
import { concat } from "../../../src/core/bytes.ts";
import { temporary } from "../../e2e/coax.ts";
import { sha256 } from "../../e2e/peers.ts";
import { available, testWith } from "../../interop/peer_program.ts";
import { BASE, digest, FILES, recipe, release } from "./sample.ts";

const ruby = { name: "ruby", available: available("ruby", ["--version"], /^ruby/) };
const shellcheck = {
  name: "shellcheck",
  available: available("shellcheck", ["--version"], /ShellCheck/),
};
const nix = {
  name: "nix-bin and patchelf",
  available: available("nix-instantiate", ["--version"], /Nix/) &&
    available("patchelf", ["--version"], /patchelf/),
};
const makepkg = {
  name: "makepkg, fakeroot and libarchive-tools",
  available: available("makepkg", ["--version"], /makepkg/) &&
    available("fakeroot", ["--version"], /fakeroot/) &&
    available("bsdtar", ["--version"], /bsdtar/),
};

interface Options {
  cwd?: string;
  env?: Record<string, string>;
}

/** The stdout of a command. Fails with its stderr where it fails. */
async function output([command, ...args]: string[], options: Options = {}): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command!, { args, ...options })
    .output();
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

/** `echo` with 40 bytes of code appended, whose last 8 say how many they are. */
async function program(): Promise<Uint8Array> {
  const length = new Uint8Array(8);
  new DataView(length.buffer).setBigUint64(0, 40n, true);
  return concat([
    await Deno.readFile("/bin/echo"),
    new TextEncoder().encode("x".repeat(32)),
    length,
  ]);
}

testWith(ruby, "Ruby parses the Homebrew formula", async () => {
  await using temp = await temporary();
  await Deno.writeTextFile(`${temp.path}/coax.rb`, await recipe("homebrew/coax.rb"));
  assertEquals(await output(["ruby", "-wc", `${temp.path}/coax.rb`]), "Syntax OK\n");
});

testWith(ruby, "the winget manifests name one package of one version", async () => {
  const common = { PackageVersion: "1.2.3", PackageIdentifier: "owner.coax" };
  const read = async (name: string) => {
    const script = "require 'yaml'; require 'json'; puts YAML.safe_load(ARGV[0]).to_json";
    return JSON.parse(await output(["ruby", "-e", script, "--", await recipe(`winget/${name}`)]));
  };
  assertEquals(await read("coax.yaml"), {
    ...common,
    DefaultLocale: "en-US",
    ManifestType: "version",
    ManifestVersion: "1.10.0",
  });
  assertEquals(await read("coax.installer.yaml"), {
    ...common,
    InstallerType: "portable",
    Commands: ["coax"],
    Installers: [{
      Architecture: "x64",
      InstallerUrl: `${BASE}/coax-x86_64-pc-windows-msvc.exe`,
      InstallerSha256: digest("coax-x86_64-pc-windows-msvc.exe"),
    }],
    ManifestType: "installer",
    ManifestVersion: "1.10.0",
  });
  const locale = await read("coax.locale.en-US.yaml");
  assertEquals({ ...locale, ...common }, locale);
  assertEquals([locale.PackageLocale, locale.License], ["en-US", "MIT"]);
});

testWith(shellcheck, "shellcheck finds nothing in the PKGBUILD and the installer", async () => {
  await using temp = await temporary();
  for (const path of ["aur/PKGBUILD", "install.sh"]) {
    const file = `${temp.path}/${path.replace(/.*\//, "")}`;
    await Deno.writeTextFile(file, await recipe(path));
    assertEquals(await output(["shellcheck", file]), "");
  }
});

/** Runs makepkg in a folder, as a user other than root, without pacman. */
async function build(folder: string, ...args: string[]): Promise<string> {
  const root = Deno.uid() === 0;
  if (root) await output(["chown", "-R", "65534:65534", folder]);
  const user = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"];
  const env = { HOME: folder, PACMAN: "true", PKGEXT: ".pkg.tar", CARCH: "x86_64" };
  return await output([...(root ? user : []), "makepkg", ...args], { cwd: folder, env });
}

testWith(makepkg, "SRCINFO is what makepkg makes of the PKGBUILD", async () => {
  await using temp = await temporary();
  await Deno.writeTextFile(`${temp.path}/PKGBUILD`, await recipe("aur/PKGBUILD"));
  assertEquals(await build(temp.path, "--printsrcinfo"), await recipe("aur/SRCINFO"));
});

testWith(makepkg, "makepkg checks the files and packs the program as it is", async () => {
  await using temp = await temporary();
  const text = new TextEncoder().encode("text\n");
  const files = new Map<string, Uint8Array>(FILES.map((file) => [file, text]));
  files.set(FILES[0]!, await program());
  const lines = [...files].map(async ([file, bytes]) => `${await sha256(bytes)}  ${file}\n`);
  const sums = (await Promise.all(lines)).join("");
  await Deno.writeTextFile(
    `${temp.path}/PKGBUILD`,
    await recipe("aur/PKGBUILD", { ...release, sums }),
  );
  const names = {
    [FILES[0]!]: "coax-1.2.3-x86_64",
    "coax.1": "coax-1.2.3.1",
    LICENSE: "LICENSE-1.2.3",
  };
  for (const [file, name] of Object.entries(names)) {
    await Deno.writeFile(`${temp.path}/${name}`, files.get(file)!);
  }
  await build(temp.path, "--nodeps");
  const root = `${temp.path}/pkg/coax-bin`;
  assertEquals(await Deno.readFile(`${root}/usr/bin/coax`), files.get(FILES[0]!));
  const zsh = await Deno.readTextFile(`${root}/usr/share/zsh/site-functions/_coax`);
  assertEquals(zsh, "completions zsh\n");
  await Deno.stat(`${temp.path}/coax-bin-1.2.3-1-x86_64.pkg.tar`);
});

/** What the derivation is made of on `system`, with stand-ins for nixpkgs. */
async function derivation(folder: string, system: string) {
  await Deno.writeTextFile(`${folder}/coax.nix`, await recipe("nix/coax.nix"));
  const linux = system.endsWith("linux");
  const expression = `import ${folder}/coax.nix {
    lib = {
      optional = condition: value: if condition then [ value ] else [ ];
      optionalString = condition: text: if condition then text else "";
      makeLibraryPath = builtins.concatStringsSep ":";
      licenses.mit = "MIT";
      sourceTypes.binaryNativeCode = "binary";
    };
    stdenv = {
      hostPlatform = { system = "${system}"; isLinux = ${linux}; };
      cc = { libc = "/libc"; cc = "/gcc"; };
      mkDerivation = arguments: arguments;
    };
    fetchurl = arguments: arguments;
    patchelf = "patchelf";
  }`;
  const env = { NIX_STATE_DIR: `${folder}/state`, NIX_STORE_DIR: `${folder}/store` };
  const command = ["nix-instantiate", "--eval", "--strict", "--json", "--expr", expression];
  return JSON.parse(await output(command, { env }));
}

testWith(nix, "Nix fetches each system's program with its own digest", async () => {
  await using temp = await temporary();
  const systems = ["x86_64-linux", "aarch64-linux", "x86_64-darwin", "aarch64-darwin"];
  for (const [index, system] of systems.entries()) {
    const { src, version } = await derivation(temp.path, system);
    const file = FILES[index]!;
    assertEquals(src, { url: `${BASE}/${file}`, sha256: digest(file) });
    assertEquals(version, "1.2.3");
  }
});

testWith(nix, "Nix patches the runtime, and keeps the code behind it", async () => {
  await using temp = await temporary();
  const { installPhase, dontStrip, dontPatchELF } = await derivation(temp.path, "x86_64-linux");
  assertEquals([dontStrip, dontPatchELF], [true, true]);
  const loader = (await output(["patchelf", "--print-interpreter", "/bin/echo"])).trim();
  await Deno.mkdir(`${temp.path}/cc/nix-support`, { recursive: true });
  await Deno.writeTextFile(`${temp.path}/cc/nix-support/dynamic-linker`, loader);
  await Deno.writeFile(`${temp.path}/program`, await program());
  const env = {
    src: `${temp.path}/program`,
    out: `${temp.path}/out`,
    NIX_CC: `${temp.path}/cc`,
  };
  await output(["bash", "-euc", `runHook() { :; }\n${installPhase}`], { env });
  const installed = `${env.out}/bin/coax`;
  assertEquals((await output(["patchelf", "--print-rpath", installed])).trim(), "/libc:/gcc");
  assertEquals((await Deno.readFile(installed)).slice(-40), (await program()).slice(-40));
  const bash = `${env.out}/share/bash-completion/completions/coax`;
  assertEquals(await Deno.readTextFile(bash), "completions bash\n");
});
