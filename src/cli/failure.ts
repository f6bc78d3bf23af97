/** How a failure is told on stderr, and which status it has. */
import { type generalFlags, wantsColor } from "../options/general.ts";
import { loadCommands } from "../commands/mod.ts";
import {
  AddressError,
  CoaxError,
  LoggedError,
  reasonOf,
  UnknownCommandError,
  UsageError,
} from "../core/errors.ts";
import type { Level, Log } from "../core/log.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { statedLogOptions } from "../flags/arguments.ts";
import { stderrLog } from "./log.ts";

type General = OptionsOf<typeof generalFlags>;

/** Tells why a command line without a command failed, and returns the status. */
export async function failedWithoutCommand(
  error: unknown,
  argv: readonly string[],
): Promise<number> {
  const log = logFor(statedLogOptions(argv));
  if (argv.length === 0) await showShortHelp(log);
  return await failed(error, log, argv);
}

/** Shows on stderr what there is, to a person who may not know it. */
async function showShortHelp(log: Log): Promise<void> {
  const { shortHelp } = await import("../manual/help.ts");
  for (const line of shortHelp(await loadCommands())) log.info("help", line);
}

/** Logs an error of `command`, or of coax without one, as one line, and returns its status. */
export async function failed(
  error: unknown,
  log: Log,
  argv: readonly string[],
  command?: string,
): Promise<number> {
  const help = command === undefined ? "coax --help" : `coax ${command} --help`;
  return report(await withAdvice(error, command, argv), log, help);
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

/** The log that the general options ask for. */
export function logFor({ quiet, verbose = 0, logFormat, color }: Partial<General>): Log {
  const levels: Level[] = ["info", "debug", "trace"];
  const level = quiet ? "error" : levels[Math.min(verbose, 2)]!;
  const format = logFormat === "json" ? "json" : "text";
  return stderrLog({ level, format, color: wantsColor(color, Deno.stderr.isTerminal()) });
}
