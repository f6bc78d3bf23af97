/**
 * Writes docs/coax.1 from the tables of commands, options and topics. With `--check`, fails if the
 * file differs.
 */
import { loadCommands } from "../src/commands/mod.ts";
import { manPage } from "../src/manual/man_page.ts";

const commands = await loadCommands();

/** The date of the last review of the whole page. */
const DATE = "November 23, 2026";

const FILE = new URL("../docs/coax.1", import.meta.url);

if (import.meta.main) {
  const page = manPage(commands, DATE);
  if (!Deno.args.includes("--check")) await Deno.writeTextFile(FILE, page);
  else if (await Deno.readTextFile(FILE).catch(() => "") !== page) {
    // deno-lint-ignore no-console -- the report
    console.error("docs/coax.1 is not what the tables give: deno task man");
    Deno.exit(1);
  }
}
