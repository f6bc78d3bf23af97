/** Options of every command, and of coax without one. */
import { choice, counter, defaultTo, group, toggle } from "../flags/flag.ts";

export const generalFlags = group("Everywhere", {
  help: toggle("show this help", "h"),
  verbose: counter("tell every step of a socket's life; twice: every read and write", "v"),
  quiet: toggle("tell errors only", "q"),
  logFormat: defaultTo(choice("how stderr is written", ["text", "json"]), "text"),
  color: defaultTo(choice("colour on stderr", ["auto", "always", "never"]), "auto"),
});
