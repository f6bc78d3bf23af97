/** The installers, against a release on a local server. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, temporary } from "../../e2e/coax.ts";
import { sha256 } from "../../e2e/peers.ts";

const windows = Deno.build.os === "windows";
const SCRIPT = new URL(
  `../../../scripts/release/install.${windows ? "ps1" : "sh"}`,
  import.meta.url,
);
const INSTALLER = windows ? ["powershell", "-NoProfile", "-File"] : ["sh"];

/** The programs that the installer may use, except those that download. */
const TOOLS = ["awk", "chmod", "cut", "mkdir", "mktemp", "mv", "rm", "sha256sum"];

const TARGETS: [system: string, processor: string, target: string][] = [
  ["Linux", "x86_64", "x86_64-unknown-linux-gnu"],
  ["Linux", "aarch64", "aarch64-unknown-linux-gnu"],
  ["Darwin", "x86_64", "x86_64-apple-darwin"],
  ["Darwin", "arm64", "aarch64-apple-darwin"],
];

const HERE = windows ? "coax-x86_64-pc-windows-msvc.exe" : `coax-${TARGETS[0]![2]}`;

/** A program that prints its version: on Windows a copy of the runtime. */
const program = windows
  ? await Deno.readFile(Deno.execPath())
  : new TextEncoder().encode("#!/bin/sh\necho coax 1.2.3\n");

type Files = Record<string, Uint8Array | string>;

/** A release of `files`, whose SHA256SUMS matches `files` by default. */
async function release(files: Files, sums: Files = files) {
  const lines = await Promise.all(
    Object.entries(sums).map(async ([name, content]) =>
      `${typeof content === "string" ? content : await sha256(content)}  ${name}\n`
    ),
  );
  const served: Files = { ...files, SHA256SUMS: lines.join("") };
  const asked: string[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    const name = new URL(request.url).pathname.replace("/v1/", "");
    asked.push(name);
    const content = served[name];
    return content === undefined
      ? new Response("nothing here", { status: 404 })
      : new Response(content as BodyInit);
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}/v1`,
    asked,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

interface Machine {
  system?: string;
  processor?: string;
  /** A script for `ldd`; without one there is none. */
  ldd?: string;
  /** The programs that download; both by default. */
  downloaders?: string[];
}

/** A PATH on which `uname` reports that machine, with nothing but what the installer may use. */
async function pathOf(machine: Machine, folder: string): Promise<string> {
  const { system = "Linux", processor = "x86_64", downloaders = ["curl", "wget"] } = machine;
  await Deno.mkdir(folder);
  for (const tool of [...TOOLS, ...downloaders]) {
    const { stdout } = await new Deno.Command("sh", { args: ["-c", `command -v ${tool}`] })
      .output();
    await Deno.symlink(new TextDecoder().decode(stdout).trim(), `${folder}/${tool}`);
  }
  const uname = `#!/bin/sh\n[ "$1" = -s ] && echo ${system} || echo ${processor}\n`;
  await Deno.writeTextFile(`${folder}/uname`, uname, { mode: 0o755 });
  if (machine.ldd) {
    await Deno.writeTextFile(`${folder}/ldd`, `#!/bin/sh\n${machine.ldd}\n`, { mode: 0o755 });
  }
  return folder;
}

/** Runs the installer for `machine` with its own home, and returns what it holds afterwards. */
async function install(url: string, machine: Machine = {}, env: Record<string, string> = {}) {
  await using temp = await temporary();
  const home = `${temp.path}/home dir`;
  const PATH = windows ? Deno.env.get("PATH")! : await pathOf(machine, `${temp.path}/bin`);
  const shell = windows ? INSTALLER[0]! : "/bin/sh";
  const script = decodeURIComponent(SCRIPT.pathname).replace(windows ? /^\// : /^$/, "");
  const own: Record<string, string> = windows ? { COAX_INSTALL: `${home}\\.local\\bin` } : {};
  const resolved: Record<string, string> = Object.fromEntries(
    Object.entries(env).map(([name, value]) => [name, value.replace("TEMP", temp.path)]),
  );
  await using process = Coax.spawn([shell, ...INSTALLER.slice(1), script], {
    env: { PATH, HOME: home, COAX_BASE_URL: url, ...own, ...resolved },
    clearEnv: !windows,
  });
  const { status, out, stderr } = await process.exit();
  const folder = resolved.COAX_INSTALL ?? `${home}/.local/bin`;
  return { status, out, stderr, folder, files: await contents(folder) };
}

/** What is in a folder, by name. */
async function contents(folder: string): Promise<Record<string, Uint8Array>> {
  const found: Record<string, Uint8Array> = {};
  try {
    for await (const { name } of Deno.readDir(folder)) {
      found[name] = await Deno.readFile(`${folder}/${name}`);
    }
  } catch {
    // It was never made.
  }
  return found;
}

const INSTALLED = windows ? "coax.exe" : "coax";

Deno.test("the installer puts a program with the right checksum into ~/.local/bin", async () => {
  await using files = await release({ [HERE]: program });
  const { status, out, stderr, files: found } = await install(files.url);
  assertEquals([status, stderr], [0, ""]);
  assertEquals(found, { [INSTALLED]: program });
  assertMatch(out, /^installed \S+ .*[\\/]\.local[\\/]bin[\\/]coax/);
  assertMatch(out, /isn't on your PATH/);
  assertEquals(files.asked, ["SHA256SUMS", HERE]);
});

Deno.test("the installer leaves nothing of a program with a wrong checksum", async () => {
  await using files = await release({ [HERE]: program }, { [HERE]: "0".repeat(64) });
  const { status, stderr, files: found } = await install(files.url);
  assertEquals([status, found], [1, {}]);
  assertMatch(stderr, /isn't what SHA256SUMS says: [\da-fA-F]{64} instead of\s+0{64}/);
});

Deno.test("the installer names what a release lacks, and downloads nothing else", async () => {
  await using files = await release({ "coax-riscv64-unknown-linux-gnu": program });
  const { status, stderr, files: found } = await install(files.url);
  assertEquals([status, found, files.asked], [1, {}, ["SHA256SUMS"]]);
  assert(stderr.includes(`the release has no ${HERE}`), stderr);
});

/** Cases that only the shell installer can be tested for. */
function testSh(name: string, fn: () => Promise<void>): void {
  Deno.test({ name: `install.sh ${name}`, ignore: windows, fn });
}

testSh("takes the file for the machine that it runs on", async () => {
  const others = Object.fromEntries(TARGETS.map(([, , target]) => [`coax-${target}`, program]));
  for (const [system, processor, target] of TARGETS) {
    await using files = await release(others);
    const { status, stderr } = await install(files.url, { system, processor });
    assertEquals([status, stderr], [0, ""]);
    assertEquals(files.asked, ["SHA256SUMS", `coax-${target}`]);
  }
});

testSh("says which file it looked for on a machine of another kind", async () => {
  await using files = await release({ [HERE]: program });
  const { status, stderr } = await install(files.url, { system: "Plan9", processor: "mips" });
  assertEquals([status, stderr], [1, "install: the release has no coax-mips-Plan9\n"]);
});

testSh("says in one line that musl won't do, and downloads nothing", async () => {
  await using files = await release({ [HERE]: program });
  // Alpine's ldd knows no --version: it names itself on stderr, and fails.
  const ldd = "printf 'musl libc (x86_64)\\nVersion 1.2.5\\n' >&2; exit 1";
  const { status, out, stderr, files: found } = await install(files.url, { ldd });
  assertEquals([status, out, found, files.asked], [1, "", {}, []]);
  assertMatch(
    stderr,
    /^install: coax's runtime, Deno, needs glibc, and this system has musl .*\n$/,
  );
});

testSh("takes glibc's ldd for no musl", async () => {
  await using files = await release({ [HERE]: program });
  const ldd = "echo 'ldd (GNU libc) 2.36'";
  const { status, files: found } = await install(files.url, { ldd });
  assertEquals([status, found], [0, { coax: program }]);
});

for (const downloader of ["curl", "wget"]) {
  testSh(`needs nothing but ${downloader} to download`, async () => {
    await using files = await release({ [HERE]: program });
    const { status, stderr, files: found } = await install(files.url, {
      downloaders: [downloader],
    });
    assertEquals([status, stderr, found], [0, "", { coax: program }]);
  });

  testSh(`ends when ${downloader} finds no release`, async () => {
    await using files = await release({});
    const { status, stderr, files: found } = await install(`${files.url}/none`, {
      downloaders: [downloader],
    });
    assertEquals([status, found], [1, {}]);
    assertMatch(stderr, /install: can't download .*\/none\/SHA256SUMS\n$/);
  });
}

testSh("says so where nothing can download", async () => {
  await using files = await release({});
  const { status, stderr } = await install(files.url, { downloaders: [] });
  assertEquals(status, 1);
  assertMatch(stderr, /neither curl nor wget/);
});

testSh("installs into COAX_INSTALL, and says nothing of a PATH that has it", async () => {
  await using files = await release({ [HERE]: program });
  const env = { COAX_INSTALL: "TEMP/bin" };
  const { status, out, stderr, folder, files: found } = await install(files.url, {}, env);
  assertEquals([status, stderr, out], [0, "", `installed coax 1.2.3 as ${folder}/coax\n`]);
  assertEquals(found.coax, program);
});

testSh("keeps a program that doesn't run here off the system", async () => {
  const broken = new TextEncoder().encode("#!/bin/sh\nexit 1\n");
  await using files = await release({ [HERE]: broken });
  const { status, stderr, files: found } = await install(files.url);
  assertEquals([status, found], [1, {}]);
  assertMatch(stderr, /doesn't run on this system/);
});

testSh("of no release asks for one", async () => {
  const { status, stderr } = await install("");
  assertEquals(status, 1);
  assertMatch(stderr, /COAX_BASE_URL isn't set/);
});
