import { assert, assertEquals } from "@std/assert";
import { finds, joined, type Piece, Transcript } from "../../../src/control/panel/transcript.ts";
import { MAX_BYTES } from "../../../src/record/latest_events.ts";
import type { RecordedEvent, Side } from "../../../src/record/event.ts";
import { encode } from "../../support/connections.ts";

function data(t: number, dir: Side, data: Uint8Array): RecordedEvent {
  return { t, id: 1, event: "data", dir, payload: { data } };
}

function after(...events: RecordedEvent[]): Transcript {
  const transcript = new Transcript();
  for (const event of events) transcript.apply(event);
  return transcript;
}

const sizes = (pieces: readonly Piece[]) => pieces.map(({ dir, data }) => [dir, data.length]);

Deno.test("panel: of each direction the latest 64 KiB are kept, and the rest is counted", () => {
  const transcript = new Transcript();
  for (let i = 0; i < 100; i++) transcript.apply(data(i, "in", new Uint8Array(1024).fill(i)));
  transcript.apply(data(100, "out", encode("answer")));
  const kept = (dir: Side) =>
    transcript.pieces.filter((piece) => piece.dir === dir)
      .reduce((sum, piece) => sum + piece.data.length, 0);
  assertEquals([kept("in"), kept("out")], [MAX_BYTES, 6]);
  assertEquals(transcript.omitted.in, 100 * 1024 - MAX_BYTES);
  assertEquals(transcript.pieces[0]!.offset, 36 * 1024);
});

Deno.test("panel: of a larger message its end is kept", () => {
  const whole = new Uint8Array(MAX_BYTES + 10);
  whole[whole.length - 1] = 7;
  const { pieces, omitted } = after({
    t: 0,
    id: 1,
    event: "message",
    dir: "in",
    payload: { data: whole },
  });
  assertEquals([pieces[0]!.data.length, pieces[0]!.data.at(-1), pieces[0]!.offset], [
    MAX_BYTES,
    7,
    10,
  ]);
  assertEquals(omitted, { in: 10, out: 0, limit: "connection" });
});

Deno.test("panel: pieces without a byte are bounded, too", () => {
  const transcript = new Transcript();
  for (let i = 0; i < 5000; i++) {
    transcript.apply({ t: i, id: 1, event: "message", dir: "in", payload: { data: encode("") } });
  }
  assertEquals(transcript.pieces.length, 2000);
});

Deno.test("panel: bytes of one direction are joined, messages and ends stay apart", () => {
  const message: RecordedEvent = {
    t: 3,
    id: 1,
    event: "message",
    dir: "in",
    payload: { data: encode("m") },
  };
  const { pieces } = after(
    data(0, "in", encode("ab")),
    data(1, "in", encode("c")),
    data(2, "out", encode("d")),
    message,
    message,
    { t: 4, id: 1, event: "half-close", dir: "in" },
    { t: 5, id: 1, event: "close", dir: "out" },
  );
  assertEquals(sizes(joined(pieces)), [["in", 3], ["out", 1], ["in", 1], ["in", 1], ["in", 0], [
    "out",
    0,
  ]]);
});

Deno.test("panel: text is found without case, bytes in hexadecimal at whole bytes", () => {
  const [piece] = after(data(0, "in", encode("GET / HTTP/1.1\r\n"))).pieces;
  for (const text of ["", "get /", "0d 0a", "0D0A", "47 45"]) assert(finds(text)(piece!), text);
  for (const text of ["post", "0a0d", "74 55"]) assert(!finds(text)(piece!), text);
});

Deno.test("panel: places in a stream are counted with what came before it was kept", () => {
  const omitted = { in: 100, out: 7 };
  const transcript = after(
    { t: 0, id: 1, event: "open", omitted },
    { t: 0, id: 1, event: "step", step: "connected", leg: "target" },
    data(1, "in", encode("abc")),
    data(2, "out", encode("d")),
    data(3, "in", encode("e")),
  );
  assertEquals(transcript.pieces.map(({ offset }) => offset), [100, 7, 103]);
  assertEquals(transcript.omitted, { ...omitted, limit: undefined });
  assertEquals(transcript.events.map(({ event }) => event).slice(0, 2), ["open", "step"]);
});

Deno.test("panel: who has ended a connection is said, and whether by a reset", () => {
  const close: RecordedEvent = { t: 2, id: 1, event: "close", dir: "out", reset: true };
  const error = (own: boolean): RecordedEvent => ({ t: 1, id: 1, event: "error", text: "x", own });
  const ends = (...events: RecordedEvent[]) =>
    after(...events).pieces.map(({ event, dir, isOwn }) => [event, dir, isOwn]);
  assertEquals(ends(error(true), close), [["error", "in", true], ["reset", "out", true]]);
  assertEquals(ends(error(false), close).at(-1), ["reset", "out", false]);
  assertEquals(ends({ ...close, reset: undefined }), [["close", "out", false]]);
});
