/** Random command lines: one helpful line and status 2, never a stack trace. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { ADDRESSES, commandLine } from "../support/command_lines.ts";
import { mutatedText } from "../fuzz/fuzz.ts";
import { generator } from "../support/random.ts";
import { run } from "./coax.ts";

const commands = await loadCommands();

/** Processes of each kind. */
const COUNT = 15;

/** The first invalid command lines of a seeded sequence. */
function refused(candidate: (seed: number) => string[], check: (argv: string[]) => unknown) {
  const found: string[][] = [];
  for (let seed = 1; found.length < COUNT; seed++) {
    const argv = candidate(seed);
    if (argv.some((word) => word.includes("\0"))) continue; // The system passes no such arguments.
    try {
      check(argv);
    } catch {
      found.push(argv);
    }
  }
  return found;
}

/** Runs each, two at a time, and checks how it exits. */
async function assertUsageErrors(lines: string[][]): Promise<void> {
  const rest = [...lines];
  const worker = async () => {
    for (let argv = rest.pop(); argv; argv = rest.pop()) {
      const { status, out, stderr } = await run(argv);
      assertEquals([status, out], [2, ""], JSON.stringify(argv));
      const text = stderr.trimEnd();
      assert(/^\{|^coax: /.test(text) && !text.includes("\n"), text);
      assertMatch(text, /Try 'coax [\w -]+'/);
    }
  };
  await Promise.all([worker(), worker()]);
}

Deno.test("random invalid command lines are usage errors in one line", async () => {
  const candidate = (seed: number) => {
    const { name, argv } = commandLine(generator(seed));
    return [name, ...argv];
  };
  const check = ([name, ...argv]: string[]) =>
    parseArguments(commands.find((command) => command.name === name)!, argv);
  await assertUsageErrors(refused(candidate, check));
});

Deno.test("random invalid addresses are usage errors in one line", async () => {
  const candidate = (seed: number) => ["client", "--", mutatedText(generator(seed), ADDRESSES)];
  await assertUsageErrors(refused(candidate, (argv) => parseAddress(argv.at(-1)!)));
});
