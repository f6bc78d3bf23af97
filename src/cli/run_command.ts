/** Runs one command from its words to its status. */
import type { Command } from "../commands/command.ts";
import type { generalFlags } from "../options/general.ts";
import { abortsFirst } from "../core/abort.ts";
import { buffers } from "../core/buffers.ts";
import { isQuiet } from "../core/errors.ts";
import { budgetFor } from "../core/buffer_shares.ts";
import type { OptionsOf } from "../flags/flag.ts";
import { parseArguments, statedLogOptions } from "../flags/arguments.ts";
import { checkWrittenFiles } from "../options/written_files.ts";
import { memoryLimit } from "../platform/memory.ts";
import { keepOnlyLibc } from "../transports/libc.ts";
import { terminateChildren } from "../transports/process/group.ts";
import {
  allOutputWritten,
  outputColumns,
  outputWritten,
  print,
  throwIfOutputFailed,
} from "../transports/stdio.ts";
import { restoreTerminal } from "../transports/terminal.ts";
import { failed, logFor } from "./failure.ts";
import { handleFileSizeLimit, handleSignals } from "./signals.ts";

/** Runs `command` with the words after its name, and resolves with the exit status. */
export async function runCommand(command: Command, argv: readonly string[]): Promise<number> {
  let log = logFor(statedLogOptions(argv));
  try {
    const { options, operands, rest } = parseArguments(command, argv);
    const stated = options as OptionsOf<typeof generalFlags>;
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
    handleFileSizeLimit();
    const signals = handleSignals(command.onSignal, command.name, operands.join(" "));
    let status: number | void;
    try {
      const running = command.run({ options, operands, rest, log, stop: signals.stop });
      const written = untilWritten(running, command.onSignal, signals.stop);
      status = await Promise.race([written, signals.terminated]);
    } finally {
      await outputWritten();
      restoreTerminal();
      await terminateChildren();
      signals.release();
    }
    if (!status) throwIfOutputFailed();
    return status ?? 0;
  } catch (error) {
    return await failed(error, log, argv, command.name);
  }
}

/**
 * The status of `running`. A success is one once all output is written: what is written last, as a
 * connection is closed, nobody else waits for. A signal asks for an end that doesn't wait long.
 */
async function untilWritten(
  running: Promise<number | void>,
  onSignal: Command["onSignal"],
  stop: AbortSignal,
): Promise<number | void> {
  const status = await running.catch((error) => {
    if (!isQuiet(error)) throw error;
  });
  if (status || stop.aborted) return status;
  if (await abortsFirst(stop, allOutputWritten()) && onSignal !== "drain") throw stop.reason;
  return status;
}
