/** Lines that hold up nobody, also where stderr takes nothing. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ErrorLines } from "../../src/transports/error_lines.ts";
import { soon, until } from "../support/wait.ts";

/** A stderr that takes nothing until it is let go. */
function stuck() {
  const open = Promise.withResolvers<void>();
  const output = {
    text: "",
    release: open.resolve,
    async write(bytes: Uint8Array) {
      await open.promise;
      return output.writeSync(bytes.subarray(0, 50_000));
    },
    writeSync(bytes: Uint8Array) {
      output.text += new TextDecoder().decode(bytes);
      return bytes.length;
    },
  };
  const lines = new ErrorLines(() => output);
  lines.onDropped = (count) => lines.add(`${count} dropped`);
  return { output, lines };
}

const LONG = "x".repeat(1024);

Deno.test("where stderr takes nothing, lines wait in bounded memory, and what is dropped is counted", async () => {
  const { output, lines } = stuck();
  for (let i = 0; i < 3000; i++) lines.add(`${i} ${LONG}`);
  assert(lines.isBusy);
  output.release();
  await soon(lines.written(), "the lines");
  lines.add("last");
  await soon(lines.written(), "the last line");
  const written = output.text.trimEnd().split("\n");
  assertEquals(written.pop(), "last");
  const [, dropped] = /^(\d+) dropped$/.exec(written.pop()!)!;
  assertEquals(written, Array.from({ length: 3000 - Number(dropped) }, (_, i) => `${i} ${LONG}`));
  assert(Number(dropped) > 1900 && Number(dropped) < 2100, dropped);
});

Deno.test("what comes after a gap comes after the line that tells of it", async () => {
  const { output, lines } = stuck();
  for (let i = 0; i < 1100; i++) lines.add(LONG);
  output.release();
  await until(() => output.text.length > 200_000, "room");
  lines.add("after the gap");
  await soon(lines.written(), "the lines");
  assertMatch(output.text, /x\n\d+ dropped\nafter the gap\n$/);
});

Deno.test("a stderr that takes nothing holds up the program's end for a while only", async () => {
  const { output, lines } = stuck();
  lines.add("one");
  lines.add("two");
  await soon(lines.written(), "the patience");
  lines.flush();
  assertEquals(output.text, "", "nothing is written before what is on its way");
  output.release();
  await soon(lines.written(), "the lines");
  assertEquals(output.text, "one\ntwo\n");
});

Deno.test("lines that wait for others are written at once where the program breaks off", async () => {
  const { output, lines } = stuck();
  output.release();
  lines.add("one");
  await soon(lines.written(), "the first line");
  lines.add("two");
  lines.flush();
  assertEquals(output.text, "one\ntwo\n");
  await soon(lines.written(), "the end");
});
