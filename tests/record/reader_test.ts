import { assert, assertEquals, assertRejects } from "@std/assert";
import { LocalError } from "../../src/core/errors.ts";
import { formatEvent, type LineEvent, type RecordedEvent } from "../../src/record/event.ts";
import { conversationsOf } from "../../src/record/conversation.ts";
import { readRecording } from "../../src/record/reader.ts";
import { temporary } from "../e2e/coax.ts";
import { encode } from "../support/connections.ts";

const open = { event: "open", dir: "in", local: "127.0.0.1:9000" } as const;
const connect = { step: "connect", leg: "target", address: "h:1", text: "x", seconds: 0 } as const;
const EVENTS: LineEvent[] = [
  { t: 0.5, id: 1, ...open, peer: "127.0.0.1:1", at: "in", transport: "udp" },
  { t: 0.75, id: 2, ...open, peer: "127.0.0.1:2", at: "out", transport: "ws" },
  { t: 1, id: 1, event: "data", dir: "in", payload: { data: encode("grüße 😀\n"), text: true } },
  { t: 1, id: 2, event: "data", dir: "out", payload: { data: Uint8Array.of(255), text: false } },
  { t: 1.25, id: 1, event: "half-close", dir: "in" },
  { t: 2, id: 1, event: "error", text: "reset", status: 1, own: true },
  { t: 2, id: 1, event: "close", dir: "out", code: 1006, reset: true },
];
const STEP = { t: 0.7, ...connect };
/** The second connection's `open` has a step. */
const LINES = EVENTS.map((event, i) => formatEvent(event, i === 1 ? [STEP] : []));
const READ = (EVENTS as RecordedEvent[]).toSpliced(1, 0, { ...STEP, id: 2, event: "step" });
const BYTES = encode(LINES.join(""));

Deno.test("a recording cut at any byte reads up to its last whole event", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const lines = LINES.map((line) => encode(line).length);
  await Deno.writeFile(path, BYTES);
  for (let size = BYTES.length; size >= 0; size--) {
    await Deno.truncate(path, size);
    let [whole, rest] = [0, size];
    // The newline of the last one may be missing.
    while (whole < lines.length && rest >= lines[whole]! - 1) rest -= lines[whole++]!;
    const read = whole > 1 ? READ.slice(0, whole + 1) : READ.slice(0, whole);
    assertEquals(await readRecording(path), read, `${size} bytes`);
  }
});

Deno.test("a line that is wrong is named by its number, wherever it stands", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  const lines = LINES;
  for (const [at, broken] of [[0, "{}\n"], [3, " \n"], [5, `{"t":1\n`]] as const) {
    await Deno.writeTextFile(path, lines.toSpliced(at, 1, broken).join(""));
    const error = await assertRejects(() => readRecording(path), LocalError, `line ${at + 1}: `);
    assert(error.message.includes(path) && error.status === 10);
  }
  const more = `{"t":1,"id":1,"event":"error","more":[${"[],".repeat(10_000)}0]}\n`;
  await Deno.writeTextFile(path, lines[0]! + more);
  await assertRejects(() => readRecording(path), LocalError, "line 2: expected an event, with");
  await Deno.writeFile(path, Uint8Array.of(0xff, 0x0a));
  await assertRejects(() => readRecording(path), LocalError, "line 1: expected UTF-8");
});

Deno.test("empty lines mean nothing, and are counted", async () => {
  await using temp = await temporary();
  const path = `${temp.path}/r`;
  await Deno.writeTextFile(path, `\n${LINES.join("\n\n")}\n`);
  assertEquals(await readRecording(path), READ);
  await Deno.writeTextFile(path, "\n\n{}\n");
  await assertRejects(() => readRecording(path), LocalError, "line 3: ");
});

Deno.test("a file that isn't there or can't be read is an error of its own", async () => {
  await assertRejects(() => readRecording("/nonexistent/r"), LocalError, "no such file");
  await assertRejects(() => readRecording("/"), LocalError, "read /: ");
});

Deno.test("connections come by their ids, each with its events in order", () => {
  const [first, second, ...more] = conversationsOf([EVENTS[1]!, ...EVENTS.toSpliced(1, 1)]);
  assertEquals(more, []);
  assertEquals([first!.id, second!.id], [1, 2]);
  assertEquals(first!.events, EVENTS.filter(({ id }) => id === 1));
});
