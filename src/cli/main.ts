/** From the command line to an exit status; `main.ts` hands that to the system. */
import type { Command } from "../commands/command.ts";
import { commands } from "../commands/mod.ts";
import { CoaxError, LocalError, reasonOf, ToldError, UsageError } from "../core/errors.ts";
import type { Level, Log } from "../core/log.ts";
import { VERSION } from "../version.ts";
import { parseArguments, statedLogOptions } from "./arguments.ts";
import { commandHelp, overview } from "./help.ts";
import { stderrLog } from "./log.ts";
import { handleSignals } from "./signals.ts";

/** Runs one command line and resolves with the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name, ...rest] = argv;
  const command = commands.find((known) => known.name === name);
  if (command) return await runCommand(command, rest);
  const log = logFor(statedLogOptions(argv));
  try {
    return print(topLevel(name, rest));
  } catch (error) {
    return report(error, log, "coax --help");
  }
}

/** What `coax` does without a command: help and version. */
function topLevel(name: string | undefined, rest: readonly string[]): string {
  switch (name) {
    case "--version":
    case "-V":
      return `coax ${VERSION}\n`;
    case "--help":
    case "-h":
      return overview(commands);
    case "help": {
      if (rest.length === 0) return overview(commands);
      const command = commands.find((known) => known.name === rest[0]);
      if (!command) throw new UsageError(`"${rest[0]}"`, "unknown command");
      return commandHelp(command);
    }
    case undefined:
      throw new UsageError("COMMAND", "missing");
    default:
      throw new UsageError(
        name.startsWith("-") ? name : `"${name}"`,
        name.startsWith("-") ? "unknown option" : "unknown command",
      );
  }
}

async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  const tryHelp = `coax ${command.name} --help`;
  let log = logFor(statedLogOptions(argv));
  try {
    const { options, operands, rest } = parseArguments(command, argv);
    log = logFor(options);
    if (options.help) return print(commandHelp(command));
    const signals = handleSignals(command.onSignal, command.name, operands.join(" "));
    try {
      const status = await Promise.race([
        command.run({ options, operands, rest, log, stop: signals.stop }),
        signals.ended,
      ]);
      return status ?? 0;
    } finally {
      signals.release();
    }
  } catch (error) {
    return report(error, log, tryHelp);
  }
}

/** The one place where an error becomes a line and a status. */
function report(error: unknown, log: Log, tryHelp: string): number {
  const status = error instanceof CoaxError ? error.status : 1;
  if (status === 0 || error instanceof ToldError) return status;
  const hint = error instanceof UsageError ? `. Try '${tryHelp}'` : "";
  log.error("error", reasonOf(error) + hint, {
    status,
    address: error instanceof CoaxError && !hint ? error.address : undefined,
    error: reasonOf(error),
  });
  return status;
}

function logFor(options: Record<string, unknown>): Log {
  const levels: Level[] = ["info", "debug", "trace"];
  const level = options.quiet ? "error" : levels[Math.min(Number(options.verbose ?? 0), 2)]!;
  const format = options.logFormat === "json" ? "json" : "text";
  return stderrLog({ level, format, color: wantsColor(options.color) });
}

/** Colour on a terminal, unless the user has asked otherwise (https://no-color.org). */
function wantsColor(choice: unknown): boolean {
  if (choice === "always" || choice === "never") return choice === "always";
  return Deno.stderr.isTerminal() && !Deno.env.get("NO_COLOR");
}

/** What was asked for goes to stdout. */
function print(text: string): number {
  try {
    let rest = new TextEncoder().encode(text);
    while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
    return 0;
  } catch (error) {
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    throw new LocalError("write", "stdout", reasonOf(error), { cause: error });
  }
}
