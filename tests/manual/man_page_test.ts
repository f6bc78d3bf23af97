/** docs/coax.1 is generated from the tables, and man page readers understand it. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { loadCommands } from "../../src/commands/mod.ts";
import { flagName } from "../../src/flags/flag.ts";
import { manPage } from "../../src/manual/man_page.ts";
import { Coax } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";

const commands = await loadCommands();

const PAGE = new URL("../../docs/coax.1", import.meta.url).pathname;

const man = { name: "man", available: available("man", ["--version"], /man \d/) };
const mandoc = { name: "mandoc", available: available("mandoc", ["-?"], /usage: mandoc/) };

/** A program's output for the page, without escapes. */
async function read(words: readonly string[]) {
  await using process = Coax.spawn([...words, PAGE], {
    env: { MANWIDTH: "200", LC_ALL: "C.UTF-8" },
  });
  const { status, out, stderr } = await process.exit();
  // deno-lint-ignore no-control-regex -- overstrikes
  return { status, text: out.replace(/.\x08|\x1b\[[\d;]*m/g, ""), stderr };
}

Deno.test("the man page has every command and option", () => {
  const page = manPage(commands, "January 1, 2000").replaceAll("\\-", "-").replaceAll("\\&", "");
  for (const { name, flags } of commands) {
    assertStringIncludes(page, `\n.Ss coax ${name} `);
    for (const key of Object.keys(flags)) assertStringIncludes(page, ` Fl ${flagName(key)}`, name);
  }
  assert(page.trimEnd().split("\n").every((line) => line.length < 200 && line !== ""));
});

Deno.test("docs/coax.1 is what the tables give", async () => {
  const page = await Deno.readTextFile(PAGE);
  assertEquals(page, manPage(commands, /^\.Dd (.*)/.exec(page)![1]!), "deno task man makes it");
});

testWith(man, "man shows the page without a warning", async () => {
  const { status, text, stderr } = await read(["man", "--warnings", "-l"]);
  assertEquals([status, stderr], [0, ""]);
  for (const part of ["-m, --max-connections N", "\\xHH", "coax relay 9000 exec:'tr a-z A-Z'"]) {
    assertStringIncludes(text, part);
  }
});

testWith(mandoc, "mandoc finds nothing wrong with the page", async () => {
  const { text, stderr } = await read(["mandoc", "-T", "lint"]);
  // Whether the pages that ours refers to are installed depends on the system.
  const found = (text + stderr).split("\n").filter((line) => line && !/mandoc\.db/.test(line));
  assertEquals(found, []);
});
