/** Samples that each rule of `scripts/caps.ts` refuses, and the longest that it takes. */
import { assertEquals } from "@std/assert";
import plugin, { CODE, TESTS, WIDTH } from "../../scripts/caps.ts";

/** Checks a file; returns one `rule: message` for each violation. */
function complaints(text: string, filename = "src/core/a.ts"): string[] {
  return Deno.lint.runPlugin(plugin, filename, text)
    .map(({ id, message }) => `${id.replace("caps/", "")}: ${message}`);
}

const lines = (count: number, line: (at: number) => string) =>
  Array.from({ length: count }, (_, at) => `${line(at)}\n`).join("");
const file = (length: number) => lines(length, (at) => `export const a${at} = ${at};`);
const body = (length: number) => `{\n${lines(length - 2, () => "  call();")}}`;

Deno.test("a file may have as many lines as its cap, and no more", () => {
  assertEquals(complaints(file(CODE.file)), []);
  const message = `file-length: a file of ${CODE.file + 1} lines, at most ${CODE.file}: split it`;
  assertEquals(complaints(file(CODE.file + 1)), [message]);
  assertEquals(complaints(file(CODE.file + 1), "scripts/a.ts"), [message]);
});

Deno.test("tests have caps of their own", () => {
  assertEquals(complaints(file(TESTS.file), "tests/a_test.ts"), []);
  assertEquals(complaints(file(TESTS.file + 1), "tests/a_test.ts").length, 1);
  const root = new URL("../../", import.meta.url).pathname;
  assertEquals(complaints(file(TESTS.file), `${root}tests/a_test.ts`), []);
});

Deno.test("a function counts however it is written", () => {
  const forms = [
    (body: string) => `function f() ${body}`,
    (body: string) => `const f = async () => ${body};`,
    (body: string) => `const f = function () ${body};`,
    (body: string) => `class A {\n  #f() ${body}\n}`,
    (body: string) => `const a = {\n  f() ${body},\n};`,
  ];
  for (const form of forms) {
    assertEquals(complaints(form(body(CODE.function))), []);
    const message = `a function of ${CODE.function + 1} lines, at most ${CODE.function}: split it`;
    assertEquals(complaints(form(body(CODE.function + 1))), [`function-length: ${message}`]);
  }
});

Deno.test("a comment is a block, or lines one below the other", () => {
  const block = (length: number) => `/**\n${lines(length - 2, () => " * why")} */\n`;
  const run = (length: number) => lines(length, () => "// why");
  for (const comment of [block, run]) {
    assertEquals(complaints(comment(CODE.comment)), []);
    assertEquals(complaints(comment(CODE.comment + 1)), [
      `comment-length: a comment of ${CODE.comment + 1} lines, at most ${CODE.comment}`,
    ]);
    assertEquals(complaints(`${comment(CODE.comment)}\n${comment(CODE.comment)}`), []);
  }
});

Deno.test("lines of a drawing don't count in a comment", () => {
  const drawing = `/**\n${" *     a ──▶ b\n".repeat(20)}${" * a\n".repeat(CODE.comment - 2)} */\n`;
  assertEquals(complaints(drawing), []);
  assertEquals(complaints(drawing.replaceAll("*     a", "* a")).length, 1);
});

Deno.test("the columns of a comment count from the start of its line", () => {
  const code = "const a = 1; ";
  const comment = (width: number) => `${code}// ${"x".repeat(width - code.length - 3)}\n`;
  assertEquals(complaints(comment(WIDTH)), []);
  assertEquals(complaints(comment(WIDTH + 1)), [
    `comment-width: a comment of ${WIDTH + 1} columns, at most ${WIDTH}`,
  ]);
  assertEquals(complaints(`/** ${"§".repeat(WIDTH - 7)} */\n`), []);
  assertEquals(complaints(`/**\n * ${"x".repeat(WIDTH)}\n */\n`).length, 1);
  assertEquals(complaints(`const a = "${"x".repeat(2 * WIDTH)}"; // long\n`).length, 1);
});
