/** What is exported as a capture is there whole when that is read. */
import { assertEquals } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { recordingOf } from "../../src/record/from_pcap.ts";
import { GrowingPcap, pcap } from "../../src/record/pcap.ts";
import { encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";

type Kind = "data" | "message";

function carried(kind: Kind, dir: Side, data: Uint8Array): RecordedEvent {
  return { t: 0, id: 1, event: kind, dir, payload: { data } };
}

/** The captures of a recording: of all at once, and as it grows. */
function capturesOf(recording: readonly RecordedEvent[]): Uint8Array[] {
  const growing = new GrowingPcap(0);
  const pieces = recording.map((event) => growing.records(event));
  return [concat([...pcap(recording)]), concat([growing.header, ...pieces])];
}

/** All that one side sent as `kind`, by what a capture shows. */
function sentIn(capture: Uint8Array, kind: Kind, dir: Side): Uint8Array[] {
  const { events, warnings } = recordingOf(capture);
  assertEquals(warnings, []);
  return events.flatMap((event) =>
    event.event === kind && event.dir === dir ? [event.payload.data] : []
  );
}

Deno.test("a stream with datagrams beside it is exported with both", () => {
  const recording: RecordedEvent[] = [
    { t: 0, id: 1, event: "open", dir: "in", peer: "127.0.0.1:4000", local: "127.0.0.1:1080" },
    carried("data", "in", encode("ask")),
    carried("data", "out", encode("answer")),
    carried("message", "in", encode("datagram")),
    carried("message", "out", encode("another")),
    { t: 0, id: 1, event: "half-close", dir: "in" },
    { t: 0, id: 1, event: "close", dir: "out" },
  ];
  for (const capture of capturesOf(recording)) {
    assertEquals(sentIn(capture, "data", "in"), [encode("ask")]);
    assertEquals(sentIn(capture, "data", "out"), [encode("answer")]);
    assertEquals(sentIn(capture, "message", "in"), [encode("datagram")]);
    assertEquals(sentIn(capture, "message", "out"), [encode("another")]);
  }
});

Deno.test("Unix datagrams that are too long for UDP are exported whole, behind short ones", () => {
  const [long, longer] = [randomBytes(65_508), randomBytes(200_000)];
  const recording: RecordedEvent[] = [
    { t: 0, id: 1, event: "open", dir: "in", peer: "unixgram:@client", transport: "udp" },
    carried("message", "in", encode("short")),
    carried("message", "in", long),
    carried("message", "out", longer),
    carried("message", "in", encode("short again")),
    { t: 0, id: 1, event: "close", dir: "out" },
  ];
  for (const capture of capturesOf(recording)) {
    const shorts = [encode("short"), encode("short again")];
    assertEquals(sentIn(capture, "message", "in"), shorts);
    assertEquals(concat(sentIn(capture, "data", "in")), long);
    assertEquals(concat(sentIn(capture, "data", "out")), longer);
  }
});
