/** A sample of `tests/cli/mistyped.txt` with the program itself, and services as ports. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { splitWords } from "../../src/address/words.ts";
import { Coax, run } from "./coax.ts";

const TABLE = await Deno.readTextFile(new URL("../cli/mistyped.txt", import.meta.url));
const ROWS = [...TABLE.matchAll(/^\$ coax (.*)\n(\d+) (.*)$/gm)];
/** One row of so many is run: each is a process. */
const STEP = 25;

Deno.test("the program says what the table of mistyped command lines has", async () => {
  const everywhere = ROWS.filter(([, line]) => !/unix|sock|\/tmp/i.test(line!));
  const sample = everywhere.filter((_, i) => i % STEP === 2);
  assert(sample.length >= 10, `${sample.length} rows`);
  for (const [, line, status, text] of sample) {
    const exit = await run(splitWords(line!)!);
    assertEquals([exit.status, exit.stderr, exit.out], [Number(status), `${text}\n`, ""], line);
  }
});

Deno.test("a port may be the name of a service", async () => {
  // Nobody has TCP port 1 (tcpmux), nor UDP port 9.
  const { status, stderr } = await run(["client", "127.0.0.1:tcpmux"]);
  assertEquals(status, 4, stderr);
  assertMatch(stderr, /^coax: connect 127\.0\.0\.1:tcpmux: connection refused\n$/);
  const udp = await run(["client", "-v", "udp://127.0.0.1:discard", "--send", "x"]);
  assertMatch(udp.stderr, /^connected to 127\.0\.0\.1:9$/m);
});

Deno.test("coax alone shows a short help, and ends with status 2", async () => {
  await using coax = Coax.start([]);
  const { status, stderr, out } = await coax.exit();
  assertEquals([status, out], [2, ""]);
  assertMatch(stderr, /^ {2}coax client {2,}connect and talk/m);
  assertMatch(stderr, /\ncoax: COMMAND: missing\. Try 'coax --help'\n$/);
});
