/** Options of every command, and of coax without one. */
import { choice, counter, defaultTo, group, toggle } from "../flags/flag.ts";

const COLORED = ["auto", "always", "never"] as const;
export type Colored = (typeof COLORED)[number];

export const generalFlags = group("Everywhere", {
  help: toggle("show this help", "h"),
  verbose: counter("tell every step of a socket's life; twice: every read and write", "v"),
  quiet: toggle("tell errors only", "q"),
  logFormat: defaultTo(choice("how stderr is written", ["text", "json"]), "text"),
  color: defaultTo(choice("colour, by itself on a terminal", COLORED), "auto"),
});

/** Colors on a terminal or if asked for, and never with NO_COLOR (https://no-color.org). */
export function wantsColor(choice: Colored | undefined, isTerminal: boolean): boolean {
  if (choice === "never" || Deno.noColor) return false;
  return choice === "always" || isTerminal;
}
