import { assert, assertEquals, assertRejects } from "@std/assert";
import { frame } from "../../src/wrap/frame.ts";
import {
  preamble,
  preambleMessages,
  safeForTerminal,
  withoutInput,
  withoutOutput,
  withSilentInput,
} from "../../src/wrap/local.ts";
import { decode, encode, readAll, Script } from "../support/connections.ts";
import { chop, generator } from "../support/random.ts";
import { isPending, soon } from "../support/wait.ts";

Deno.test("preamble is read before the rest, also in small pieces", async () => {
  for (const size of [1, 3, 100]) {
    const connection = preamble(new Script(["and the rest"]), encode("first "));
    assertEquals(decode(await readAll(connection, size)), "first and the rest");
  }
});

Deno.test("preambleMessages has its messages before the channel's own", async () => {
  const first = ["a", "", "b"].map((text) => ({ data: encode(text) }));
  const channel = preambleMessages(frame(new Script(["c\nd"]), "line"), first);
  const received: string[] = [];
  for (let next = await channel.receive(); next; next = await channel.receive()) {
    received.push(decode(next.data));
  }
  assertEquals(received, ["a", "", "b", "c", "d"]);
});

Deno.test("withoutInput reads EOF at once and passes on what is written", async () => {
  const inner = new Script(["secret"]);
  const connection = withoutInput(inner);
  assertEquals(await readAll(connection), new Uint8Array());
  await connection.write(encode("shown"));
  assertEquals(inner.text, "shown");
});

Deno.test("withSilentInput reads nothing until it is closed", async () => {
  const connection = withSilentInput(new Script(["secret"]));
  const read = readAll(connection);
  assert(await isPending(read));
  connection.close();
  assertEquals(await soon(read, "the end"), new Uint8Array());
});

Deno.test("withSilentInput that is closed with a reason rejects with it", async () => {
  const connection = withSilentInput(new Script());
  const reason = new Error("reset");
  const read = assertRejects(() => readAll(connection));
  connection.close(reason);
  assertEquals(await soon(read, "the failure"), reason);
});

Deno.test("withoutOutput drops what is written and reads as before", async () => {
  const inner = new Script(["said"]);
  const connection = withoutOutput(inner);
  await connection.write(encode("dropped"));
  assertEquals([inner.text, decode(await readAll(connection))], ["", "said"]);
});

Deno.test("safeForTerminal shows control characters, also those cut in two", async () => {
  const text = "ok\t\x1b]52;c;AAAA\x07 \u009b31m \u202eabc ä漢👍\n";
  const shown = "ok\t\\x1b]52;c;AAAA\\x07 \\x9b31m \\u{202e}abc ä漢👍\n";
  const random = generator(5);
  for (let i = 0; i < 100; i++) {
    const inner = new Script();
    const connection = safeForTerminal(inner);
    for (const chunk of chop(random, encode(text), 3)) await connection.write(chunk);
    await connection.closeWrite();
    assertEquals(inner.text, shown);
  }
});

Deno.test("safeForTerminal shows bytes that are no UTF-8, also half a character at EOF", async () => {
  const inner = new Script();
  const connection = safeForTerminal(inner);
  await connection.write(Uint8Array.of(0x9b, 0x41, 0xe4));
  assertEquals(inner.text, "\ufffdA");
  await connection.closeWrite();
  assertEquals([inner.text, inner.writeEnded], ["\ufffdA\ufffd", true]);
});

Deno.test("safeForTerminal takes CR LF as a line's end, and shows any other CR", async () => {
  const text = "one\r\n\r\ntwo\rthree\r\r\n\n\r";
  const shown = "one\n\ntwo\\rthree\\r\n\n\\r";
  const random = generator(6);
  for (let i = 0; i < 100; i++) {
    const inner = new Script();
    const connection = safeForTerminal(inner);
    for (const chunk of chop(random, encode(text), 3)) await connection.write(chunk);
    await connection.closeWrite();
    assertEquals(inner.text, shown);
  }
  const inner = new Script();
  const messages = safeForTerminal(inner, true);
  for (const message of ["a\r", "\nb\r\n"]) await messages.write(encode(message));
  assertEquals(inner.text, "a\\r\nb\n");
});
