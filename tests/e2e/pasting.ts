/**
 * Pastes a lesson of the tutorial into one shell, as a reader does: the shell reads it from its
 * stdin, so that a command which reads stdin where it shouldn't takes what comes after it.
 */
import { assert } from "@std/assert";
import type { FileBlock, ShellBlock } from "../docs/lesson.ts";
import { Coax } from "./coax.ts";
import type { Workspace } from "./workspace.ts";

/** What every block of a lesson has printed, on the page's ports. */
export type Printed = ReadonlyMap<ShellBlock, string>;

const MARK = "~~~ end of a block ~~~";

/** Lines that depend on who was faster, or come from the shell: a reader's has others. */
const NOISE = /^.*(?:trying again in .*|(?:: line \d+: +\d+|^\[\d+\]. +)Terminated .*)\n/gm;

/** Most milliseconds that a lesson may take on a loaded machine. */
const LONGEST = 120_000;

/** Runs a lesson; rejects if it leaves a process behind, or doesn't end. */
export async function paste(
  blocks: readonly (ShellBlock | FileBlock)[],
  workspace: Workspace,
): Promise<Printed> {
  const shells = blocks.filter((block) => block.kind === "shell");
  for (const block of blocks) {
    if (block.kind === "file") await workspace.write(block.name, block.text);
  }
  const pasted = shells.map(({ text }) => `${text}printf '%s\\n' '${MARK}'\n`).join("");
  await using shell = Coax.spawn(["bash", "--norc", "-s"], {
    cwd: workspace.path,
    env: workspace.env,
    stdin: `set -m; exec 2>&1\n${workspace.here(pasted)}${LEFT}`,
  });
  const { out } = await shell.exit(LONGEST).catch((error) => {
    throw new Error(`${error.message}\nafter printing\n${shell.out}`);
  });
  const parts = workspace.onPage(out).replaceAll("\r", "").replaceAll(NOISE, "").split(`${MARK}\n`);
  const left = parts.pop();
  assert(left === "", `left running: ${left}\nafter printing\n${out}`);
  assert(parts.length === shells.length, `a block was swallowed:\n${out}`);
  return new Map(shells.map((block, i) => [block, parts[i]!]));
}

/** Names the jobs that a lesson hasn't ended, and ends them. */
const LEFT = "jobs -r; kill $(jobs -p) 2> /dev/null; wait\n";
