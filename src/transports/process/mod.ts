/** Starts commands: as a connection, or with our own stdin, stdout and stderr. */
import { onAbort } from "../../core/abort.ts";
import type { Duplex } from "../../core/duplex.ts";
import { type InterruptedError, UnavailableError } from "../../core/errors.ts";
import { platform } from "../../platform/platform.ts";
import { Child } from "./child.ts";
import { ignoredAtStart } from "./dispositions.ts";
import { environmentFor } from "./environment.ts";
import { isDirectoryRemoved, reasonOfSystem } from "../system_reason.ts";
import type { DialOptions } from "../options.ts";
import { ProcessGroup } from "./group.ts";

/** Starts the command `words` without a shell. Throws an `UnavailableError`. */
export function spawnWords(
  address: { words: readonly string[]; text: string },
  options: DialOptions,
): Duplex {
  const [command, ...args] = address.words;
  return spawn(command!, args, address.text, options);
}

/** Starts the command line `line` in a shell. Throws an `UnavailableError`. */
export function spawnShell(
  address: { line: string; text: string },
  options: DialOptions,
): Duplex {
  const [command, ...args] = platform().shell(address.line);
  return spawn(command, args, address.text, { ...options, windowsRawArguments: true });
}

function spawn(
  command: string,
  args: string[],
  text: string,
  { log, child, childErrors, windowsRawArguments }: DialOptions & { windowsRawArguments?: boolean },
): Duplex {
  log.debug("spawn", `spawn ${text}`, { address: text });
  const detached = platform().processGroups;
  try {
    const process = new Deno.Command(command, {
      args,
      windowsRawArguments,
      detached,
      stdin: "piped",
      stdout: "piped",
      stderr: childErrors ? "piped" : "inherit",
      ...environmentFor(child),
    }).spawn();
    if (childErrors) {
      import("./lines.ts").then(({ passLines }) => passLines(process.stderr, childErrors));
    }
    return new Child(process, new ProcessGroup(process, detached), text);
  } catch (error) {
    throw new UnavailableError("spawn", text, spawnFailure(error as Error), { cause: error });
  }
}

/**
 * The command with SIGHUP ignored if it was for us: the runtime handles SIGHUP, and exec(3) resets
 * a handled signal to its default.
 */
function withSighupIgnored(words: readonly string[]): readonly string[] {
  if (!ignoredAtStart().has("SIGHUP")) return words;
  return ["sh", "-c", 'trap "" HUP && exec "$@"', "sh", ...words];
}

/**
 * Shows a URL in the user's browser, which outlives us. Resolves when the command that does so is
 * over; rejects with an `UnavailableError` where it can't be run, or fails.
 */
export async function openBrowser(url: string): Promise<void> {
  const [command, ...args] = platform().opener(url);
  const streams = { stdin: "null", stdout: "null", stderr: "null" } as const;
  const detached = platform().processGroups;
  try {
    const child = new Deno.Command(command, { args, detached, ...streams }).spawn();
    child.unref();
    const { code } = await child.status;
    if (code === 0) return;
    throw new UnavailableError("open", url, `${command} ended with status ${code}`);
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    const reason = `${command}: ${spawnFailure(error as Error)}`;
    throw new UnavailableError("open", url, reason, { cause: error });
  }
}

/** The reason in a shell's wording: the runtime's message repeats the command. */
function spawnFailure(error: Error): string {
  const message = error.message.replace(/^failed to spawn '.*': /i, "");
  // A removed working directory is `NotFound` as well, whatever the command.
  const missing = error instanceof Deno.errors.NotFound && !isDirectoryRemoved(message);
  return missing ? "command not found" : reasonOfSystem(new Error(message));
}

/**
 * Runs the command `words` with our stdin, stdout and stderr, and forwards the signal that aborts
 * `stop`. Resolves with its exit status; rejects with an `UnavailableError`.
 */
export async function runInPlace(words: readonly string[], stop: AbortSignal): Promise<number> {
  const [command, ...args] = withSighupIgnored(words);
  try {
    const child = new Deno.Command(command!, { args, stdin: "inherit" }).spawn();
    // Kills the child when a signal ends us at once: `stop` isn't aborted then.
    const group = new ProcessGroup(child, false);
    const forward = () => {
      try {
        child.kill((stop.reason as InterruptedError).signal);
      } catch {
        // It has just exited.
      }
    };
    using _ = onAbort(stop, forward);
    const { code } = await child.status;
    group.release();
    return code;
  } catch (error) {
    throw new UnavailableError("run", words.join(" "), spawnFailure(error as Error), {
      cause: error,
    });
  }
}
