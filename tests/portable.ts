// deno-lint-ignore-file no-console -- a script reports on stderr
/**
 * Runs the tests that this system can run: `deno run -A tests/portable.ts [--list] [PATH...]`. A
 * file that uses what the system lacks is left out, and named with the reason. So is
 * `tests/interop`, whose peers are Debian's. Tests that skip themselves (`lacks`) don't count.
 * `--system OS` chooses as on another system, and needs `--list`.
 */
import { missingParts, type PartName, PARTS } from "./support/parts.ts";

/** The parts that a test file uses and `os` lacks, but for those that its tests look for. */
export function reasonsToLeaveOut(text: string, os: string): PartName[] {
  return missingParts(os).filter((part) =>
    PARTS[part].use.test(text) && !text.includes(`lacks("${part}")`)
  );
}

async function* testFiles(path: string): AsyncGenerator<string> {
  if (path === "tests/interop") return;
  if (path.endsWith(".ts")) return yield path;
  for await (const { name, isDirectory } of Deno.readDir(path)) {
    if (isDirectory || name.endsWith("_test.ts")) yield* testFiles(`${path}/${name}`);
  }
}

async function main(args: readonly string[]): Promise<number> {
  const paths = args.filter((arg) => arg.startsWith("tests"));
  const at = args.indexOf("--system");
  const os = at < 0 ? Deno.build.os : args[at + 1]!;
  const chosen: string[] = [];
  for (const path of paths.length > 0 ? paths : ["tests"]) {
    for await (const file of testFiles(path)) {
      const reasons = reasonsToLeaveOut(await Deno.readTextFile(file), os);
      if (reasons.length === 0) chosen.push(file);
      else console.error(`left out: ${file} uses ${reasons.join(", ")}`);
    }
  }
  console.error(`${chosen.length} files for ${os}`);
  if (args.includes("--list")) {
    console.log(chosen.sort().join("\n"));
    return 0;
  }
  const preload = "--preload=tests/support/sanitizers.ts";
  const test = ["test", "-A", "--no-check", preload, ...chosen.sort()];
  return (await new Deno.Command(Deno.execPath(), { args: test }).spawn().status).code;
}

if (import.meta.main) Deno.exit(await main(Deno.args));
