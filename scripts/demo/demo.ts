/** The demo's processes and files, which `clear` removes, and its output. */
import { bold, cyan, dim, green, setColorEnabled } from "@std/fmt/colors";
import { Coax } from "./process.ts";

const colored = Deno.stdout.isTerminal() && !Deno.noColor;
setColorEnabled(colored);

export class Demo {
  /** Whether output is in color. */
  readonly colored = colored;
  readonly #processes: Coax[] = [];

  /** @param folder A private folder for the demo's files. */
  constructor(readonly folder: string) {}

  /** Starts `coax ARGS...`. */
  start(name: string, ...args: string[]): Coax {
    const process = new Coax(name, args);
    this.#processes.push(process);
    return process;
  }

  /** Kills every process that is still running, which rejects whatever waits for one. */
  async clear(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}

/** Prints a line on stdout. */
export function print(line = ""): void {
  let rest = new TextEncoder().encode(line + "\n");
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

export const heading = (text: string) => print(bold(`\n${text}\n`));
export const explain = (text: string) => print(`\n  ${text}`);
export const command = (line: string) => print(`  ${dim("$")} ${cyan(line)}`);
export const good = (text: string) => green(text);

/** Prints a line of a process, `what`, with the name of the process. */
export const shows = (name: string, what: string) => print(`    ${dim(name.padEnd(6))}  ${what}`);
