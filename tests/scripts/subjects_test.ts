/** Subjects that `scripts/subjects.ts` finds too long, and the commits that it checks. */
import { assert, assertEquals } from "@std/assert";
import { LONGEST, recentCommits, tooLong } from "../../scripts/subjects.ts";
import { temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";

const git = { name: "git", available: available("git", ["--version"], /^git version/) };

Deno.test("a subject may have 72 characters, whatever they are in bytes", () => {
  assertEquals(tooLong(""), []);
  assertEquals(tooLong(`abc1234 ${"x".repeat(LONGEST)}\nabc1235 ${"§😀".repeat(LONGEST / 2)}`), []);
  const long = `abc1234 ${"x".repeat(LONGEST + 1)}`;
  assertEquals(tooLong(`abc1233 short\n${long}`), [long]);
});

testWith(git, "subjects are judged from the commit after the rule's own on", async () => {
  await using temp = await temporary();
  const run = async (...args: string[]) => {
    const who = ["-c", "user.name=a", "-c", "user.email=a@b", "-c", "commit.gpgsign=false"];
    const command = new Deno.Command("git", { args: [...who, ...args], cwd: temp.path });
    const { success, stderr } = await command.output();
    assert(success, new TextDecoder().decode(stderr));
  };
  const commit = (subject: string) => run("commit", "-q", "--allow-empty", "-m", subject);
  assertEquals(await recentCommits(temp.path), "");
  await run("init", "-q");
  await commit("before");
  assertEquals(await recentCommits(temp.path), "");
  await Deno.mkdir(`${temp.path}/scripts`);
  await Deno.writeTextFile(`${temp.path}/scripts/subjects.ts`, "");
  await run("add", ".");
  await commit("rule");
  await commit("after\n\nwith a body");
  await commit("last");
  const subjects = (await recentCommits(temp.path)).replaceAll(/^\w+ /gm, "");
  assertEquals(subjects, "last\nafter");
});
