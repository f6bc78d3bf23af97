/**
 * Pictures of recordings, one of each kind, as they were looked at and found good. With
 * `COAX_GOLDEN=write` those that are drawn now are written, to be looked at again.
 */
import { assertEquals } from "@std/assert";
import { readRecording } from "../../src/record/reader.ts";
import { printed, svg } from "./pictures.ts";

const GOLDEN = new URL("golden/", import.meta.url);
const writes = Deno.env.get("COAX_GOLDEN") === "write";

const names = [...Deno.readDirSync(GOLDEN)].map(({ name }) => name)
  .filter((name) => name.endsWith(".jsonl")).map((name) => name.slice(0, -".jsonl".length));

/** Compares with the file `name`, or writes it. */
async function compare(name: string, text: string): Promise<void> {
  const file = new URL(name, GOLDEN);
  if (writes) await Deno.writeTextFile(file, text);
  assertEquals(text, await Deno.readTextFile(file), name);
}

for (const name of names.toSorted()) {
  Deno.test(`the ladder of ${name} looks as it did`, async () => {
    const events = await readRecording(
      decodeURIComponent(new URL(`${name}.jsonl`, GOLDEN).pathname),
    );
    await compare(`${name}.txt`, printed(events).join("\n"));
    const lessons = { language: "zh", explain: true, width: 72 } as const;
    await compare(`${name}.zh.txt`, printed(events, lessons).join("\n"));
    await compare(`${name}.svg`, svg(events, { explain: true }));
  });
}

Deno.test("there is a picture for each kind of recording", () => {
  const kinds = [
    ..."command half_close hostile many old refused relay reset retry timeout tls udp".split(" "),
    "websocket",
  ];
  assertEquals(names.toSorted(), kinds);
});
