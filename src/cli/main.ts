/** Runs a command line and returns the exit status, with which `main.ts` exits. */
import type { Command } from "../commands/command.ts";
import { generalFlags, wantsColor } from "../options/general.ts";
import { commandNames, loadCommand, loadCommands } from "../commands/mod.ts";
import {
  AddressError,
  CoaxError,
  LoggedError,
  reasonOf,
  UnknownCommandError,
  UsageError,
} from "../core/errors.ts";
import { buffers } from "../core/buffers.ts";
import { budgetFor } from "../core/buffer_shares.ts";
import type { Level, Log } from "../core/log.ts";
import { type OptionsOf, toggle } from "../flags/flag.ts";
import { suggestion } from "../core/nearest.ts";
import { checkWrittenFiles } from "../options/written_files.ts";
import { memoryLimit } from "../platform/memory.ts";
import { keepOnlyLibc } from "../transports/libc.ts";
import { terminateChildren } from "../transports/process/group.ts";
import { outputColumns, outputWritten, print } from "../transports/stdio.ts";
import { errorLinesWritten, restoreTerminal } from "../transports/terminal.ts";
import { VERSION } from "./version.ts";
import { type Arguments, parseArguments, statedLogOptions } from "../flags/arguments.ts";
import { stderrLog } from "./log.ts";
import { handleSignals } from "./signals.ts";

/** The options before a command, or without one. */
const TOP = {
  operands: "[COMMAND...]",
  flags: { ...generalFlags, version: toggle("print the version", "V") },
  optionsFirst: true,
};

/** The options of every command that are read here. */
type General = OptionsOf<typeof generalFlags>;

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
    const command = options.version ? undefined : await loadCommand(name ?? "");
    if (command) {
      const before = argv.slice(0, argv.length - operands.length);
      return await runCommand(command, [...before, ...rest]);
    }
    await print(await topLevel(name, options));
    return 0;
  } catch (error) {
    const log = logFor(statedLogOptions(argv) as Partial<General>);
    if (argv.length === 0) await showShortHelp(log);
    return report(await withAdvice(error, undefined, argv), log, "coax --help");
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

/** Shows on stderr what there is, to a person who may not know it. */
async function showShortHelp(log: Log): Promise<void> {
  const { shortHelp } = await import("../manual/help.ts");
  for (const line of shortHelp(await loadCommands())) log.info("help", line);
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const tryHelp = `coax ${command.name} --help`;
  let log = logFor(statedLogOptions(argv) as Partial<General>);
  try {
    const { options, operands, rest } = parseArguments(command, argv);
    const stated = options as General;
    log = logFor(stated);
    if (stated.help) {
      const { commandHelp } = await import("../manual/help.ts");
      await print(commandHelp(command, outputColumns()));
      return 0;
    }
    checkWrittenFiles(command, { options, operands });
    keepOnlyLibc();
    // Now, while files may be read: a command gives rights up once it listens.
    buffers.shares.budget = budgetFor(memoryLimit());
    const signals = handleSignals(command.onSignal, command.name, operands.join(" "));
    try {
      const status = await Promise.race([
        command.run({ options, operands, rest, log, stop: signals.stop }),
        signals.terminated,
      ]);
      return status ?? 0;
    } finally {
      await outputWritten();
      restoreTerminal();
      await terminateChildren();
      signals.release();
    }
  } catch (error) {
    return report(await withAdvice(error, command.name, argv), log, tryHelp);
  }
}

/** The error, a usage error with what is probably meant. */
async function withAdvice(
  error: unknown,
  command: string | undefined,
  argv: readonly string[],
): Promise<unknown> {
  if (!(error instanceof UsageError)) return error;
  const { advised } = await import("./advice/mod.ts");
  return await advised(error, command, argv);
}

/** Logs an error as one line and returns its status. */
function report(error: unknown, log: Log, tryHelp: string): number {
  const status = error instanceof CoaxError ? error.status : 1;
  if (status === 0 || error instanceof LoggedError) return status;
  const reason = reasonOf(error);
  const where = error instanceof UnknownCommandError ? "coax --help" : tryHelp;
  const stop = reason.endsWith("?") ? "" : ".";
  const hint = error instanceof UsageError ? `${stop} Try '${where}'` : "";
  log.error("error", reason + hint, {
    status,
    address: addressOf(error),
    error: reason,
  });
  return status;
}

/** The address that an error is about; most usage errors are about options. */
function addressOf(error: unknown): string | undefined {
  if (error instanceof UsageError) return error instanceof AddressError ? error.text : undefined;
  return error instanceof CoaxError ? error.address || undefined : undefined;
}

function logFor({ quiet, verbose = 0, logFormat, color }: Partial<General>): Log {
  const levels: Level[] = ["info", "debug", "trace"];
  const level = quiet ? "error" : levels[Math.min(verbose, 2)]!;
  const format = logFormat === "json" ? "json" : "text";
  return stderrLog({ level, format, color: wantsColor(color, Deno.stderr.isTerminal()) });
}
