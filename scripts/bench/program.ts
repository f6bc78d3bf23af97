/** Programs that are run to their end, or brought to it, and what they say. */

/** Runs a program and resolves with its stdout. Rejects with what else it says if it fails. */
export async function outputOf(command: string, args: readonly string[]): Promise<string> {
  const child = new Deno.Command(command, { args: [...args], stdin: "null" });
  const { success, stdout, stderr } = await child.output().catch((error) => {
    throw new Error(`${command} can't be run: ${error.message}`);
  });
  const said = new TextDecoder().decode(stdout);
  if (success) return said;
  const reason = (new TextDecoder().decode(stderr) + said).trim();
  throw new Error(`${command} ${args.join(" ")} failed: ${reason}`);
}

/** The number that `pattern` captures in a program's output. Throws if it isn't there. */
export function numberIn(output: string, pattern: RegExp): number {
  const number = Number(pattern.exec(output)?.[1] ?? NaN);
  if (Number.isNaN(number)) throw new Error(`no ${pattern} in:\n${output}`);
  return number;
}

/** Kills a program, unless it has exited, and waits for its end. */
export async function end(child: Deno.ChildProcess): Promise<void> {
  try {
    child.kill("SIGKILL");
  } catch {
    // It has exited.
  }
  await child.status;
}
