// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Builds coax as one executable: for this host to `dist/coax`; with `--target T` (repeatable) or
 * `--all` to `dist/coax-T[.exe]`, with their digests in `dist/SHA256SUMS`.
 *
 * The program is bundled before it is compiled: an unbundled one starts later and carries whole npm
 * packages. Permissions and unstable features come from `deno.json` alone.
 */
import { parseArgs } from "@std/cli/parse-args";
import { PINNED } from "./deno_versions.ts";
import { copySharingStart } from "./shared_start.ts";

export const TARGETS = [
  "x86_64-unknown-linux-gnu",
  "aarch64-unknown-linux-gnu",
  "x86_64-apple-darwin",
  "aarch64-apple-darwin",
  "x86_64-pc-windows-msvc",
];

const ROOT = new URL("../", import.meta.url);
const CONFIG = new URL("deno.json", ROOT);
const DIST = new URL("dist/", ROOT);
const RUNTIMES = `https://dl.deno.land/release/v${Deno.version.deno}/`;

/**
 * The first line of every chunk. CommonJS packages load Node's modules by `require`, which the
 * bundler doesn't define. A missing module must throw: packages detect optional ones by that.
 */
const REQUIRE = "globalThis.require ??= (id) => { const found = process.getBuiltinModule(id);" +
  " if (!found) throw new Error(`Cannot find module ${id}`); return found; };\n";

/**
 * A runtime for this host, from the environment. Deleted there, since `deno compile` would use it
 * for other targets too.
 */
const HOST_RUNTIME = Deno.env.get("DENORT_BIN");
Deno.env.delete("DENORT_BIN");

async function main(args: string[]): Promise<number> {
  const unknown: string[] = [];
  const options = parseArgs(args, {
    string: ["target"],
    boolean: ["all"],
    collect: ["target"],
    unknown: (arg: string) => void unknown.push(arg),
  });
  const named = options.target as string[];
  const wrong = [...unknown, ...named.filter((target) => !TARGETS.includes(target))];
  if (wrong.length > 0) {
    console.error(`compile: "${wrong[0]}" is neither an option nor a target`);
    console.error(`usage: deno task compile [--all | --target TARGET ...]\n${TARGETS.join("\n")}`);
    return 2;
  }
  const targets = options.all ? TARGETS : [...new Set(named)];
  const outputs: [target: string, file: string][] = targets.length > 0
    ? targets.map((target) => [target, binaryName(`coax-${target}`, target)])
    : [[Deno.build.target, binaryName("coax", Deno.build.target)]];

  await Deno.mkdir(DIST, { recursive: true });
  const folder = await Deno.makeTempDir();
  try {
    return await compileAll(await prepare(`${folder}/coax`), outputs, targets.length > 0);
  } catch (error) {
    console.error(`compile: ${error instanceof Error ? error.message : error}`);
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Compiles all outputs. Returns 1 if one of them failed, else 0. */
async function compileAll(
  entry: string,
  outputs: [target: string, file: string][],
  checksums: boolean,
): Promise<number> {
  const sums: string[] = [];
  let status = 0;
  for (const [target, file] of outputs) {
    const output = new URL(file, DIST);
    try {
      await compile(entry, target, path(output));
      const { size } = await Deno.stat(output);
      console.error(`compile: dist/${file}, ${(size / 2 ** 20).toFixed(0)} MiB`);
      if (checksums) sums.push(`${await sha256(output)}  ${file}\n`);
    } catch (error) {
      console.error(`compile: no ${target}: ${error instanceof Error ? error.message : error}`);
      status = 1;
    }
  }
  if (checksums) await Deno.writeTextFile(new URL("SHA256SUMS", DIST), sums.join(""));
  return status;
}

/**
 * Bundles `main.ts` into `folder`, an absolute path, with further options of `deno bundle`. Dynamic
 * imports become chunks that are loaded when needed. The condition `module` picks one form of
 * packages that publish two (`tslib` breaks when both are in a bundle).
 */
export async function bundle(folder: string, ...options: string[]): Promise<void> {
  const copy = await Deno.makeTempDir();
  try {
    await copySharingStart(path(ROOT), copy);
    await deno(
      ["bundle", "--quiet", "--config", "deno.json", "--platform", "deno", ...options]
        .concat(["--code-splitting", "--outdir", folder, "main.ts"]),
      { DENO_CONDITIONS: "module" },
      copy, // The names of chunks depend on paths from here.
    );
  } finally {
    await Deno.remove(copy, { recursive: true });
  }
}

/** Bundles `main.ts` into `folder` for `deno compile`, and returns the entry. */
async function prepare(folder: string): Promise<string> {
  await bundle(folder, "--minify");
  for await (const { name } of Deno.readDir(folder)) {
    const chunk = `${folder}/${name}`;
    await Deno.writeTextFile(chunk, REQUIRE + await Deno.readTextFile(chunk));
    await Deno.utime(chunk, 0, 0);
  }
  // With a configuration next to the bundle and fixed times, the same sources give the same binary
  // everywhere: the project's own configuration would embed its whole path.
  const { unstable, permissions } = JSON.parse(await Deno.readTextFile(CONFIG));
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ unstable, permissions }));
  return `${folder}/main.js`;
}

/**
 * V8's space for young objects, MB. With four at the start instead of one it collects less often,
 * so a relay's slowest round trips are faster. With four at most, instead of what it would grow to,
 * 5,000 idle connections take a fifth less memory: it doesn't shrink again after a burst.
 */
const YOUNG = 4;

/**
 * Compiles for one target, with the runtime that Deno downloads or, where that fails, npm's.
 *
 * Without a code cache: a compiled program would read it from a guessable name in the shared
 * temporary folder and run it.
 */
export async function compile(entry: string, target: string, output: string): Promise<void> {
  const args = ["compile", "--quiet", "--permission-set", "--no-prompt", "--no-code-cache"]
    .concat([`--v8-flags=--min-semi-space-size=${YOUNG},--max-semi-space-size=${YOUNG}`])
    .concat(["--no-check", "--no-lock"])
    .concat(["--target", target, "--output", output, entry]);
  if (HOST_RUNTIME && target === Deno.build.target) return deno(args, { DENORT_BIN: HOST_RUNTIME });
  let problem = new Error(`${RUNTIMES} can't be reached`);
  if (await isDownloaded(target) || await canDownload()) {
    try {
      return await deno(args);
    } catch (error) {
      problem = error as Error;
    }
  }
  const runtime = await runtimeFromNpm(target);
  if (runtime === undefined) throw problem;
  await deno(args, { DENORT_BIN: runtime });
}

/** Whether an earlier download of the target's runtime is in Deno's cache. */
async function isDownloaded(target: string): Promise<boolean> {
  const { denoDir } = JSON.parse(await output(Deno.execPath(), ["info", "--json"]));
  const archive = `${denoDir}/dl/release/v${Deno.version.deno}/denort-${target}.zip`;
  return await Deno.stat(archive).then(() => true, () => false);
}

let answer: Promise<boolean> | undefined;

/**
 * Whether the runtimes' host answers; checked once, since a download without an answer takes
 * minutes to fail.
 */
function canDownload(): Promise<boolean> {
  return answer ??= fetch(RUNTIMES, { method: "HEAD", signal: AbortSignal.timeout(10_000) })
    .then(() => true, () => false);
}

/**
 * The path of the target's runtime from npm, if npm has one. Rejects for another compiler than the
 * pinned Deno: what it makes with that runtime doesn't start.
 */
export async function runtimeFromNpm(
  target: string,
  compiler = Deno.version.deno,
): Promise<string | undefined> {
  if (!target.endsWith("-linux-gnu")) return undefined;
  if (compiler !== PINNED) {
    throw new Error(
      `Deno's site can't be reached for the runtime of Deno ${compiler}, and npm has that of ` +
        `${PINNED} alone; DENOW_VERSION=pinned sh scripts/denow task compile takes it`,
    );
  }
  return (await output("sh", [path(new URL("scripts/denort", ROOT)), target])).trim();
}

async function deno(
  args: string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<void> {
  await output(Deno.execPath(), args, env, cwd);
}

/** Runs a command and returns its stdout. Rejects with its stderr as the message. */
async function output(
  command: string,
  args: string[],
  env: Record<string, string> = {},
  cwd?: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd,
    env: { NO_COLOR: "1", ...env },
    stdin: "null",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  const reason = new TextDecoder().decode(stderr).replace(/\n*Stack backtrace:[^]*/, "").trim();
  throw new Error(reason.replace(/^error: /, ""));
}

async function sha256(file: URL): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", await Deno.readFile(file));
  return new Uint8Array(digest).toHex();
}

function binaryName(name: string, target: string): string {
  return target.includes("windows") ? `${name}.exe` : name;
}

/** The path of a file URL; on Windows without the slash before the drive. */
function path(url: URL): string {
  const pathname = decodeURIComponent(url.pathname);
  return Deno.build.os === "windows" ? pathname.slice(1) : pathname;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
