/** What coax answers to command lines that are almost right: `mistyped.txt` is the table. */
import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { splitWords } from "../../src/address/words.ts";
import { foreignSpellings } from "../../src/cli/advice/foreign_options.ts";
import { commandFor, foreignWords } from "../../src/cli/advice/foreign_words.ts";
import { grammarOf } from "../../src/commands/explain.ts";
import { commandNames, loadCommands } from "../../src/commands/mod.ts";
import { pretend } from "../support/system.ts";
import { run } from "./run.ts";

const TABLE = await Deno.readTextFile(new URL("mistyped.txt", import.meta.url));
const ROWS = [...TABLE.matchAll(/^\$ coax (.*)\n(\d+) (.*)$/gm)]
  .map(([, line, status, text]) => ({ line: line!, status: Number(status), text: text! }));

Deno.test("the table has more than 100 rows, each once", () => {
  assert(ROWS.length > 100);
  assertEquals(new Set(ROWS.map(({ line }) => line)).size, ROWS.length);
  assertEquals(ROWS.length, TABLE.split("\n").filter((line) => line.startsWith("$")).length);
});

for (const { line, status, text } of ROWS) {
  Deno.test(`mistyped: coax ${line}`, async () => {
    using _ = pretend("linux"); // The table is one system's, wherever it is checked.
    assertEquals(await run(splitWords(line)!), { status, out: "", err: `${text}\n` });
  });
}

Deno.test("coax takes every command line that it suggests", async () => {
  const suggested = ROWS.flatMap(({ text }) => {
    const form = /(?:here:|did you mean|or|say|command:) coax (\w+ [^?…]*?)(?= or coax|\?|\. Try)/g;
    return [...text.matchAll(form)].map(([, line]) => line!);
  });
  assert(suggested.length > 40, `only ${suggested.length}`);
  const { refusal } = grammarOf(await loadCommands());
  for (const line of new Set(suggested)) {
    const words = splitWords(line.replace("ADDRESS", "9000"))!;
    assertEquals(refusal(words), undefined, line);
  }
});

Deno.test("an address that is suggested is one", () => {
  const refused = ROWS.filter(({ text }) => text.startsWith('coax: "'));
  const addresses = refused.flatMap(({ text }) => {
    const [, first, second] =
      /did you mean (?!coax|-)([^ ,]*[:/][^ ,]*?)(?: with -[46])?(?:, or for a WebSocket (\S+))?\? Try/
        .exec(text) ?? [];
    return [first, second].filter((address) => address !== undefined);
  });
  assert(addresses.length > 40, `only ${addresses.length}`);
  for (const address of addresses) assertEquals(parseAddress(address).text, address);
});

Deno.test("no option or word of other programs stands in its table twice, or is a command's", () => {
  assertEquals(new Set(foreignSpellings).size, foreignSpellings.length);
  assertEquals(new Set(foreignWords).size, foreignWords.length);
  for (const name of commandNames) assertEquals(commandFor(name), undefined, name);
});

Deno.test("coax alone shows a short help before its error, and with an option only the error", async () => {
  const { status, out, err } = await run([]);
  assertEquals([status, out], [2, ""]);
  for (const name of commandNames) assertMatch(err, new RegExp(`^  coax ${name} `, "m"));
  assertStringIncludes(err, "coax server 9000");
  assertMatch(err, /\ncoax: COMMAND: missing\. Try 'coax --help'\n$/);
  assert(err.split("\n").every((line) => line.length <= 80), err);
  assertEquals((await run(["-q"])).err, "coax: COMMAND: missing. Try 'coax --help'\n");
});

Deno.test("advice on an address never shows a password", async () => {
  for (const scheme of ["http", "redis", "postgres", "ssl", "quic", "wsss", "tcp", "nope"]) {
    const { status, err } = await run(["client", `${scheme}://user:pa55@host:80/x`]);
    assertEquals(status, 2);
    assert(!err.includes("pa55"), err);
  }
});
