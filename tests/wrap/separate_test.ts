/** The output of several peers begins lines of its own. */
import { assertEquals } from "@std/assert";
import { SharedLines } from "../../src/wrap/prefix.ts";
import { separate } from "../../src/wrap/separate.ts";
import { encode, Script } from "../support/connections.ts";

Deno.test("a line without an end goes on, and gets one when another peer's follows or at EOF", async () => {
  const output = new Script();
  const lines = new SharedLines();
  const [one, two] = [0, 1].map(() => separate(output, { messages: false, lines }));
  await one!.write(encode("par"));
  await one!.write(encode("tial"));
  await two!.write(encode("whole\n"));
  await two!.write(encode("other"));
  await one!.write(encode("next"));
  assertEquals(output.text, "partial\nwhole\nother\nnext");
  await two!.closeWrite();
  assertEquals(output.text, "partial\nwhole\nother\nnext", "its line is over already");
  one!.close();
  assertEquals(output.text, "partial\nwhole\nother\nnext\n");
});

Deno.test("each message is a line, and one that ends with a newline gets no other", async () => {
  const output = new Script();
  const lines = new SharedLines();
  const stream = separate(output, { messages: false, lines });
  const messages = separate(output, { messages: true, lines });
  await stream.write(encode("open"));
  for (const text of ["one", "two\n", "", "three"]) await messages.write(encode(text));
  assertEquals(output.text, "open\none\ntwo\nthree\n");
});
