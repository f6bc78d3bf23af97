/**
 * Checks that the subjects of the latest commits fit a line of `git log`. Commits from before this
 * rule aren't checked; without git or its history nothing is.
 */

/** The longest subject, characters. */
export const LONGEST = 72;
/** The number of commits to check: more than one change has. */
const LATEST = 50;
/** The file whose first commit is the last that isn't checked. */
const RULE = "scripts/subjects.ts";
/** Too long, but noticed when others had it: a new subject would change their history. */
const KEPT: ReadonlySet<string> = new Set(["2e44c8c9f5cecbe441f0a260bfcabb0ea2a22afe"]);

/** The lines `HASH SUBJECT` whose subject is too long. */
export function tooLong(log: string): string[] {
  return log.split("\n").filter((line) => {
    const hash = line.slice(0, line.indexOf(" "));
    const subject = line.slice(hash.length + 1);
    return [...subject].length > LONGEST && !KEPT.has(hash);
  });
}

/** `HASH SUBJECT` of the commits to check in the repository at `folder`, one a line. */
export async function recentCommits(folder: string | URL): Promise<string> {
  const [start] = await git(folder, "log", "--diff-filter=A", "--format=%H", "--", RULE);
  if (!start) return "";
  const format = ["--no-merges", "--format=%H %s", `--max-count=${LATEST}`];
  return (await git(folder, "log", ...format, `${start}..HEAD`)).join("\n");
}

/** The lines that git prints; none where there is no git or no repository. */
async function git(cwd: string | URL, ...args: string[]): Promise<string[]> {
  const command = new Deno.Command("git", { args, cwd, stdin: "null", stderr: "null" });
  const output = await command.output().catch(() => undefined);
  if (!output?.success) return [];
  return new TextDecoder().decode(output.stdout).split("\n").filter((line) => line !== "");
}

if (import.meta.main) {
  const found = tooLong(await recentCommits(new URL("../", import.meta.url)));
  // deno-lint-ignore no-console -- the report
  for (const line of found) console.error(`a subject of more than ${LONGEST} characters: ${line}`);
  Deno.exit(found.length > 0 ? 1 : 0);
}
