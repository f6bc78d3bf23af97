import { assert, assertEquals, assertRejects } from "@std/assert";
import { frame } from "../../src/wrap/frame.ts";
import {
  discard,
  mute,
  opening,
  preamble,
  safeForTerminal,
  waiting,
} from "../../src/wrap/local.ts";
import { decode, encode, readAll, Script } from "../support/ends.ts";
import { chop, generator } from "../support/random.ts";
import { isPending, soon } from "../support/wait.ts";

Deno.test("preamble is read before the rest, also in small pieces", async () => {
  for (const size of [1, 3, 100]) {
    const end = preamble(new Script(["and the rest"]), encode("first "));
    assertEquals(decode(await readAll(end, size)), "first and the rest");
  }
});

Deno.test("opening has its messages before the channel's own", async () => {
  const first = ["a", "", "b"].map((text) => ({ data: encode(text) }));
  const channel = opening(frame(new Script(["c\nd"]), "line"), first);
  const received: string[] = [];
  for (let next = await channel.receive(); next; next = await channel.receive()) {
    received.push(decode(next.data));
  }
  assertEquals(received, ["a", "", "b", "c", "d"]);
});

Deno.test("mute has nothing to say and passes on what is written", async () => {
  const inner = new Script(["secret"]);
  const end = mute(inner);
  assertEquals(await readAll(end), new Uint8Array());
  await end.write(encode("shown"));
  assertEquals(inner.text, "shown");
});

Deno.test("waiting says nothing until it is closed", async () => {
  const end = waiting(new Script(["secret"]));
  const read = readAll(end);
  assert(await isPending(read));
  end.close();
  assertEquals(await soon(read, "the end"), new Uint8Array());
});

Deno.test("waiting that is closed with a reason rejects with it", async () => {
  const end = waiting(new Script());
  const reason = new Error("reset");
  const read = assertRejects(() => readAll(end));
  end.close(reason);
  assertEquals(await soon(read, "the failure"), reason);
});

Deno.test("discard drops what is written and reads as before", async () => {
  const inner = new Script(["said"]);
  const end = discard(inner);
  await end.write(encode("dropped"));
  assertEquals([inner.text, decode(await readAll(end))], ["", "said"]);
});

Deno.test("safeForTerminal shows control characters, also those cut in two", async () => {
  const text = "ok\t\x1b]52;c;AAAA\x07 \u009b31m \u202eabc ä漢👍\n";
  const shown = "ok\t\\x1b]52;c;AAAA\\x07 \\x9b31m \\u{202e}abc ä漢👍\n";
  const random = generator(5);
  for (let i = 0; i < 100; i++) {
    const inner = new Script();
    const end = safeForTerminal(inner);
    for (const chunk of chop(random, encode(text), 3)) await end.write(chunk);
    await end.closeWrite();
    assertEquals(inner.text, shown);
  }
});

Deno.test("safeForTerminal shows bytes that are no UTF-8, also an open end", async () => {
  const inner = new Script();
  const end = safeForTerminal(inner);
  await end.write(Uint8Array.of(0x9b, 0x41, 0xe4));
  assertEquals(inner.text, "\ufffdA");
  await end.closeWrite();
  assertEquals([inner.text, inner.writeEnded], ["\ufffdA\ufffd", true]);
});
