/** Where the demo plays: its processes and files, all gone at the end, and the words on stdout. */
import { bold, cyan, dim, green, setColorEnabled } from "@std/fmt/colors";
import { Coax } from "./process.ts";

setColorEnabled(Deno.stdout.isTerminal() && !Deno.noColor);

export class Demo {
  readonly #processes: Coax[] = [];

  /** @param folder A folder for the demo's files, which nobody else uses. */
  constructor(readonly folder: string) {}

  /** Starts `coax ARGS...`. */
  start(name: string, ...args: string[]): Coax {
    const process = new Coax(name, args);
    this.#processes.push(process);
    return process;
  }

  /** Ends every process that is still there: whoever waits for one sees its end. */
  async clear(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.kill()));
  }
}

/** A line on stdout. */
export function print(line = ""): void {
  let rest = new TextEncoder().encode(line + "\n");
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}

export const heading = (text: string) => print(bold(`\n${text}\n`));
export const explain = (text: string) => print(`\n  ${text}`);
export const command = (line: string) => print(`  ${dim("$")} ${cyan(line)}`);
export const good = (text: string) => green(text);

/** What one process shows: `what` are its own words. */
export const shows = (name: string, what: string) => print(`    ${dim(name.padEnd(6))}  ${what}`);
