/** Preconditions of the runtime, reported in a line before it is started (`scripts/denow`). */
import { existsSync } from "node:fs";
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { Coax, quote, temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";
import { NEWEST, OLDEST, PINNED } from "../../scripts/deno_versions.ts";

const DENOW = ["sh", new URL("../../scripts/denow", import.meta.url).pathname];
const windows = Deno.build.os === "windows";
const unshare = {
  name: "unshare -rm (a mount namespace of one's own)",
  available: available("unshare", ["-rm", "echo", "good"], /^good$/m),
};

async function outcome(words: readonly string[], cwd: string) {
  await using process = Coax.spawn(words, { cwd });
  const { status, out, stderr } = await process.exit();
  return { status, out, stderr };
}

Deno.test({
  name: "a working directory that was removed is a line, before the runtime is started",
  ignore: windows, // It doesn't remove a directory that is in use.
  async fn() {
    await using temp = await temporary();
    await Deno.mkdir(`${temp.path}/gone`);
    const line = `rmdir ${quote(`${temp.path}/gone`)} && exec "$@"`;
    const words = ["sh", "-c", line, "sh", ...DENOW, "task", "client", "--version"];
    const { status, out, stderr } = await outcome(words, `${temp.path}/gone`);
    assertEquals([status, out], [1, ""], stderr);
    // Shells that start there print a line of their own first.
    assertMatch(
      stderr,
      /^denow: the working directory has been removed; change to another one\n$/m,
    );
    assert(!/error:|panic/.test(stderr), stderr);
  },
});

testWith(unshare, "a system without /proc is a line, before the runtime is started", async () => {
  const line = 'mount -t tmpfs none /proc && exec "$@"';
  const words = ["unshare", "-rm", "sh", "-c", line, "sh", ...DENOW, "task", "client", "--version"];
  const stderr = "denow: Deno needs /proc, which isn't mounted\n";
  assertEquals(await outcome(words, "/"), { status: 1, out: "", stderr });
});

/** Programs that `scripts/denow` uses; PATH has nothing else but the fake ones. */
const TOOLS = "cat chmod dirname env head mkdir mktemp mv pwd rm sh sort uname".split(" ");

const FAKE_DENO = (version: string) =>
  `#!/bin/sh\nif [ "$1" = -V ]; then echo "deno ${version}"; else echo "${version} runs $*"; fi\n`;

/** Unpacks a fake Deno of the version that it is asked for, as npm does with the real one. */
const FAKE_NPM = `#!/bin/sh
for word; do version=\${word#deno@}; done
mkdir -p "$3/node_modules/@deno/fake"
cat >"$3/node_modules/@deno/fake/deno" <<END
#!/bin/sh
if [ "\\$1" = -V ]; then echo "deno $version"; else echo "npm: $version runs \\$*"; fi
END
`;

/** The path of a program that is on PATH. */
function pathOf(name: string): string {
  const paths = Deno.env.get("PATH")!.split(":").map((directory) => `${directory}/${name}`);
  const path = paths.find((path) => existsSync(path));
  if (!path) throw new Error(`${name} is missing`);
  return path;
}

interface Fakes {
  /** The version of the Deno on PATH. */
  deno?: string;
  npm?: boolean;
  DENOW_VERSION?: string;
}

/** Runs a copy of `scripts/denow` where nothing but fakes can be found. */
async function denowWith({ deno, npm, DENOW_VERSION }: Fakes) {
  await using temp = await temporary();
  const script = async (path: string, text: string) =>
    await Deno.writeTextFile(`${temp.path}/${path}`, text, { mode: 0o755 });
  await Deno.mkdir(`${temp.path}/bin`);
  await Deno.mkdir(`${temp.path}/scripts`);
  for (const name of ["denow", "deno_versions"]) {
    await Deno.copyFile(
      new URL(`../../scripts/${name}`, import.meta.url),
      `${temp.path}/scripts/${name}`,
    );
  }
  for (const name of TOOLS) await Deno.symlink(pathOf(name), `${temp.path}/bin/${name}`);
  if (deno) await script("bin/deno", FAKE_DENO(deno));
  if (npm) await script("bin/npm", FAKE_NPM);
  const { stdout, stderr, code } = await new Deno.Command(`${temp.path}/bin/sh`, {
    args: [`${temp.path}/scripts/denow`, "run", "x.ts"],
    clearEnv: true,
    env: { PATH: `${temp.path}/bin`, ...DENOW_VERSION ? { DENOW_VERSION } : {} },
  }).output();
  return [code, new TextDecoder().decode(stdout), new TextDecoder().decode(stderr)];
}

const runs = (version: string) => [0, `${version} runs run x.ts\n`, ""];
const fails = (line: string) => [1, "", `denow: ${line}\n`];
const BOTH = "(https://deno.com), or npm (https://nodejs.org), which brings it";
const RANGE = `Deno ${OLDEST} or a newer 2.x`;
const AFTER_NEWEST = NEWEST.replace(/\d+$/, (patch) => String(Number(patch) + 1));

const CHOICES: [what: string, fakes: Fakes, outcome: unknown[]][] = [
  ["the oldest supported on PATH runs", { deno: OLDEST }, runs(OLDEST)],
  ["the newest on PATH runs, npm or not", { deno: NEWEST, npm: true }, runs(NEWEST)],
  ["one newer than that runs too", { deno: AFTER_NEWEST }, runs(AFTER_NEWEST)],
  ["2.10 is newer than 2.9", { deno: "2.10.0" }, runs("2.10.0")],
  ["one too old gives way to npm's", { deno: "2.7.10", npm: true }, runs(`npm: ${PINNED}`)],
  ["one of another major version does too", { deno: "3.0.0", npm: true }, runs(`npm: ${PINNED}`)],
  ["none gives way to npm's", { npm: true }, runs(`npm: ${PINNED}`)],
  [
    "one too old without npm is named",
    { deno: "2.7.10" },
    fails(`the Deno on PATH is 2.7.10, and coax needs ${RANGE}; install that ${BOTH}`),
  ],
  ["none without npm is a line", {}, fails(`no ${RANGE} is on PATH; install that ${BOTH}`)],
  [
    "the newest is asked for, and npm brings it",
    { deno: PINNED, npm: true, DENOW_VERSION: "newest" },
    runs(`npm: ${NEWEST}`),
  ],
  [
    "the pinned one is asked for, and is on PATH",
    { deno: PINNED, DENOW_VERSION: "pinned" },
    runs(PINNED),
  ],
  [
    "the newest is asked for, and is nowhere",
    { deno: PINNED, DENOW_VERSION: "newest" },
    fails(`Deno ${NEWEST} isn't on PATH; install that ${BOTH}`),
  ],
  [
    "an unknown version is asked for",
    { deno: PINNED, DENOW_VERSION: "2.8" },
    fails('DENOW_VERSION is "2.8"; it can be pinned, oldest or newest'),
  ],
];

for (const [what, fakes, outcome] of CHOICES) {
  Deno.test({
    name: `which Deno runs: ${what}`,
    ignore: windows, // The fakes are scripts for sh, and links to its tools.
    async fn() {
      assertEquals(await denowWith(fakes), outcome);
    },
  });
}

Deno.test("README names the supported versions", async () => {
  const readme = await Deno.readTextFile(new URL("../../README.md", import.meta.url));
  assertStringIncludes(readme, `Deno ${OLDEST} or a newer 2.x`);
});

Deno.test("the versions are in order, and this Deno is one of those supported", () => {
  const inOrder = (...versions: string[]) =>
    versions.toSorted((a, b) => a.localeCompare(b, "en", { numeric: true })).join() ===
      versions.join();
  assert(inOrder(OLDEST, PINNED, NEWEST), [OLDEST, PINNED, NEWEST].join());
  assert(inOrder(OLDEST, Deno.version.deno), Deno.version.deno);
});
