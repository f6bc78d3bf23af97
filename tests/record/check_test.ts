import { assertEquals, assertThrows } from "@std/assert";
import { Check, DifferenceError } from "../../src/record/check.ts";
import type { Script } from "../../src/record/script.ts";
import { encode } from "../support/connections.ts";
import { chop, generator } from "../support/random.ts";

/** One side's bytes, as chunks or messages. */
function checkOf(said: readonly string[], details: Partial<Script> = {}): Check {
  const framing = details.framing ?? "stream";
  const expected = said.map((text) => ({ data: encode(text), text: true }));
  const total = framing === "stream" ? encode(said.join("")).length : said.length;
  const rest = { id: 7, steps: [], expectsEof: true, longestPause: 0, ...details };
  return new Check({ ...rest, framing, expected, total }, "peer");
}

/** The error and the dump of the first difference. */
function difference(work: () => void): { message: string; dump: readonly string[] } {
  const { message, dump, status } = assertThrows(work, DifferenceError);
  assertEquals(status, 9);
  return { message, dump };
}

const row = (offset: string, hex: string, text: string) =>
  `${offset}  ${hex.padEnd(48)}  |${text}|`;

Deno.test("bytes are the same however they are cut", () => {
  const said = ["abc", "", "defgh", "ijklmnopqrstuvwxyz"];
  const bytes = encode(said.join(""));
  for (let seed = 1; seed <= 50; seed++) {
    const check = checkOf(said);
    for (const piece of chop(generator(seed), bytes, 5)) check.bytes(piece);
    assertEquals(check.missing(), undefined);
  }
});

Deno.test("the first difference is shown in its row of both, with what came before it", () => {
  const check = checkOf(["0123456789abcdefghijkl"]);
  check.bytes(encode("0123456789abcdefgh"));
  assertEquals(difference(() => check.bytes(encode("iXkl"))), {
    message: "check peer: connection 7: byte 19 differs from the recording",
    dump: [
      "- recorded",
      `- ${row("00000010", "67 68 69 6a 6b 6c", "ghijkl")}`,
      "+ received",
      `+ ${row("00000010", "67 68 69 58 6b 6c", "ghiXkl")}`,
    ],
  });
});

Deno.test("a dump shows four rows at most", () => {
  const { dump } = difference(() => checkOf(["a".repeat(999)]).bytes(encode("b".repeat(999))));
  assertEquals(dump.length, 2 * (1 + 4));
});

Deno.test("too much is a difference where the recording has EOF, and else unknown", () => {
  const { message } = difference(() => checkOf(["abc"]).bytes(encode("abcd")));
  assertEquals(message, "check peer: connection 7: the recording ends after 3 bytes");
  const open = checkOf(["abc"], { expectsEof: false });
  open.bytes(encode("abcd"));
  open.bytes(encode("e"));
  assertEquals(open.missing(), undefined);
});

Deno.test("too little is reported with what arrived and what didn't", () => {
  const check = checkOf(["abc"]);
  check.bytes(encode("ab"));
  const { message, dump } = check.missing()!;
  assertEquals(message, "check peer: connection 7: 2 of 3 recorded bytes came");
  assertEquals(dump, [
    "- recorded",
    `- ${row("00000000", "61 62 63", "abc")}`,
    "+ received",
    `+ ${row("00000000", "61 62", "ab")}`,
  ]);
});

Deno.test("messages are compared one by one: bytes, boundaries, types, number", () => {
  const messages = { framing: "message" } as const;
  const good = checkOf(["ab", "", "c"], messages);
  for (const text of ["ab", "", "c"]) good.message({ data: encode(text) });
  assertEquals(good.missing(), undefined);
  assertEquals(
    difference(() => good.message({ data: encode("d") })).message,
    "check peer: connection 7: the recording has no message 4",
  );
  assertEquals(
    difference(() => checkOf(["ab", "c"], messages).message({ data: encode("abc") })).message,
    "check peer: connection 7: message 1 differs from the recording at byte 2",
  );
  assertEquals(
    difference(() => checkOf(["ab"], messages).message({ data: encode("ab"), text: false }))
      .message,
    "check peer: connection 7: message 1 is binary, and text in the recording",
  );
  const short = checkOf(["ab"], messages).missing();
  assertEquals(short?.message, "check peer: connection 7: 0 of 1 recorded messages came");
});
