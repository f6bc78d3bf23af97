/**
 * Runs a command line and returns the exit status, with which `main.ts` exits. What only a command
 * needs, or a failure, is loaded with it: `--version` doesn't wait for it.
 */
import { generalFlags } from "../options/general.ts";
import { commandNames, loadCommand, loadCommands } from "../commands/mod.ts";
import { UnknownCommandError, UsageError } from "../core/errors.ts";
import { toggle } from "../flags/flag.ts";
import { suggestion } from "../core/nearest.ts";
import { outputColumns, print } from "../transports/stdio.ts";
import { errorLinesWritten } from "../transports/terminal.ts";
import { VERSION } from "./version.ts";
import { type Arguments, parseArguments } from "../flags/arguments.ts";

/** The options before a command, or without one. */
const TOP = {
  operands: "[COMMAND...]",
  flags: { ...generalFlags, version: toggle("print the version", "V") },
  optionsFirst: true,
};

/** Runs one command line and resolves with the exit status, once all is written. */
export async function main(argv: readonly string[]): Promise<number> {
  const status = await run(argv);
  await errorLinesWritten();
  return status;
}

async function run(argv: readonly string[]): Promise<number> {
  if (argv[0] === "__complete") {
    const { complete } = await import("./complete.ts");
    await complete(argv.slice(1), TOP);
    return 0;
  }
  try {
    const { options, operands } = parseArguments(TOP, argv);
    const [name, ...rest] = operands;
    const loading = options.version ? undefined : loadCommand(name ?? "");
    if (!loading) {
      await print(await topLevel(name, options));
      return 0;
    }
    const [command, { runCommand }] = await Promise.all([loading, import("./run_command.ts")]);
    const before = argv.slice(0, argv.length - operands.length);
    return await runCommand(command, [...before, ...rest]);
  } catch (error) {
    const { failedWithoutCommand } = await import("./failure.ts");
    return await failedWithoutCommand(error, argv);
  }
}

/** The output of `coax` without a command: help or version. */
async function topLevel(
  name: string | undefined,
  options: Arguments["options"],
): Promise<string> {
  if (options.version) return `coax ${VERSION}\n`;
  if (options.help) {
    const { overview } = await import("../manual/help.ts");
    return overview(await loadCommands(), outputColumns());
  }
  if (name === undefined) throw new UsageError("COMMAND", "missing");
  throw new UnknownCommandError(name, suggestion(name, commandNames));
}
