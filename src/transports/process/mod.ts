/** Starts commands: as one end of a connection, or in our own place. */
import { onAbort } from "../../core/abort.ts";
import type { Duplex } from "../../core/duplex.ts";
import { type InterruptedError, UnavailableError } from "../../core/errors.ts";
import { Child } from "./child.ts";
import { ignoredAtStart } from "./dispositions.ts";
import { isWithoutDirectory, reasonOfSystem } from "../failure.ts";
import type { DialOptions } from "../options.ts";
import { ProcessGroup } from "./group.ts";

/** Starts `words` without a shell. */
export function spawnWords(
  address: { words: readonly string[]; text: string },
  options: DialOptions,
): Duplex {
  const [command, ...args] = address.words;
  return spawn(command!, args, address.text, options);
}

/** Starts a shell for `line`. */
export function spawnShell(
  address: { line: string; text: string },
  options: DialOptions,
): Duplex {
  return Deno.build.os === "windows"
    ? spawn("cmd", ["/d", "/c", address.line], address.text, options)
    : spawn("sh", ["-c", address.line], address.text, options);
}

function spawn(
  command: string,
  args: string[],
  text: string,
  { log, child }: DialOptions,
): Duplex {
  log.debug("spawn", `spawn ${text}`, { address: text });
  const detached = Deno.build.os !== "windows";
  try {
    const process = new Deno.Command(command, {
      args,
      detached,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      env: child && {
        COAX_PEER: child.peer,
        COAX_LOCAL: child.local,
        COAX_ID: String(child.id),
      },
    }).spawn();
    return new Child(process, new ProcessGroup(process, detached), text);
  } catch (error) {
    throw new UnavailableError("spawn", text, whyNot(error as Error), { cause: error });
  }
}

/**
 * The same command, with SIGHUP ignored where it is for us: a signal that is handled would not be.
 */
function ignoring(words: readonly string[]): readonly string[] {
  if (!ignoredAtStart().has("SIGHUP")) return words;
  return ["sh", "-c", 'trap "" HUP && exec "$@"', "sh", ...words];
}

/** In a shell's words: the runtime's call a command an entity, and repeat it. */
function whyNot(error: Error): string {
  const said = error.message.replace(/^failed to spawn '.*': /i, "");
  // Without a working directory nothing can be started, and that isn't the command's fault.
  const missing = error instanceof Deno.errors.NotFound && !isWithoutDirectory(said);
  return missing ? "command not found" : reasonOfSystem(new Error(said));
}

/**
 * Runs `words` in our place: its stdin, stdout and stderr are ours, signals are passed on to it,
 * and its status is ours. Rejects with an `UnavailableError`.
 */
export async function runInPlace(words: readonly string[], stop: AbortSignal): Promise<number> {
  const [command, ...args] = ignoring(words);
  try {
    const child = new Deno.Command(command!, { args, stdin: "inherit" }).spawn();
    // A signal that ends us at once isn't passed on: nothing of ours may stay behind.
    const alone = new ProcessGroup(child, false);
    const pass = () => {
      try {
        child.kill((stop.reason as InterruptedError).signal);
      } catch {
        // It has just ended by itself.
      }
    };
    using _ = onAbort(stop, pass);
    const { code } = await child.status;
    alone.release();
    return code;
  } catch (error) {
    throw new UnavailableError("run", words.join(" "), whyNot(error as Error), { cause: error });
  }
}
