/** Captures as recordings: what was sent comes out, however packets were cut, lost or doubled. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { recordingOf } from "../../src/record/from_pcap.ts";
import { ACK, FIN, RST, SYN, tcpPacket } from "../../src/record/packet.ts";
import { pcap } from "../../src/record/pcap.ts";
import { below, generator } from "../support/random.ts";

const encode = (text: string) => new TextEncoder().encode(text);

/** What each side has sent, and the events without their payload. */
function gist(events: readonly RecordedEvent[]) {
  const sent: Record<Side, Uint8Array[]> = { in: [], out: [] };
  const rest: string[] = [];
  for (const event of events) {
    if (event.event === "data" || event.event === "message") {
      sent[event.dir].push(event.payload.data);
    } else if (event.event !== "step") {
      rest.push([event.event, "dir" in event ? event.dir : ""].join(" ").trim());
    }
  }
  const text = (dir: Side) => new TextDecoder().decode(concat(sent[dir]));
  return { in: text("in"), out: text("out"), rest };
}

const CLIENT = "192.0.2.1:5000";
const TALK: RecordedEvent[] = [
  { t: 0, id: 1, event: "open", peer: CLIENT },
  { t: 0.1, id: 1, event: "data", dir: "in", payload: { data: encode("GET / HTTP/1.0\r\n\r\n") } },
  { t: 0.2, id: 1, event: "half-close", dir: "in" },
  { t: 0.3, id: 1, event: "data", dir: "out", payload: { data: encode("hello ".repeat(40_000)) } },
  { t: 0.4, id: 1, event: "half-close", dir: "out" },
  { t: 0.4, id: 1, event: "close", dir: "out" },
];

Deno.test("a recording comes out of its own capture", () => {
  const { events, warnings } = recordingOf(concat([...pcap(TALK)]));
  assertEquals(warnings, []);
  const { in: asked, out, rest } = gist(events);
  assertEquals([asked, out], [gist(TALK).in, gist(TALK).out]);
  assertEquals(rest, ["open", "half-close in", "half-close out", "close out"]);
});

Deno.test("datagrams keep their borders, empty ones too", () => {
  const talk: RecordedEvent[] = [
    { t: 0, id: 1, event: "open", peer: CLIENT, transport: "udp" },
    ...["a", "", "bc"].map((text, i): RecordedEvent => ({
      t: i / 10,
      id: 1,
      event: "message",
      dir: i === 1 ? "out" : "in",
      payload: { data: encode(text) },
    })),
    { t: 1, id: 1, event: "close" },
  ];
  const { events } = recordingOf(concat([...pcap(talk)]));
  const messages = events.flatMap((event) =>
    event.event === "message" ? [[event.dir, new TextDecoder().decode(event.payload.data)]] : []
  );
  assertEquals(messages, [["in", "a"], ["out", ""], ["in", "bc"]]);
});

const [A, B] = [
  { ip: Uint8Array.of(192, 0, 2, 1), port: 5000 },
  { ip: Uint8Array.of(192, 0, 2, 2), port: 80 },
];

/** A pcap file of raw IP packets. */
function captureOf(packets: readonly Uint8Array[], cut = 0): Uint8Array {
  const header = new Uint8Array(24);
  const view = new DataView(header.buffer);
  view.setUint32(0, 0xd4c3b2a1);
  view.setUint32(20, 101, true);
  const records = packets.flatMap((packet, i) => {
    const record = new DataView(new ArrayBuffer(16));
    record.setUint32(0, i, true);
    record.setUint32(8, packet.length - cut, true);
    record.setUint32(12, packet.length, true);
    return [new Uint8Array(record.buffer), packet.subarray(0, packet.length - cut)];
  });
  return concat([header, ...records]);
}

const NONE = new Uint8Array();
const packet = (from: typeof A, flags: number, seq: number, data = NONE) =>
  tcpPacket(from, from === A ? B : A, { seq: seq >>> 0, ack: 0, flags, data });

Deno.test("segments that come twice, late or overlapping are put in order, also past 2^32", () => {
  const random = generator(3);
  const text = Array.from({ length: 400 }, (_, i) => `${i} `).join("");
  const bytes = encode(text);
  for (let round = 0; round < 50; round++) {
    const start = round % 2 ? 2 ** 32 - 200 : below(random, 2 ** 31);
    const segments: Uint8Array[] = [];
    for (let at = 0; at < bytes.length;) {
      const size = 1 + below(random, 80);
      const from = Math.max(0, at - below(random, 30));
      segments.push(packet(A, ACK, start + 1 + from, bytes.subarray(from, at + size)));
      if (below(random, 4) === 0) segments.push(segments.at(-1)!);
      at += size;
    }
    // Neighbours change places.
    for (let i = 1; i < segments.length; i++) {
      if (below(random, 3) > 0) continue;
      [segments[i - 1], segments[i]] = [segments[i]!, segments[i - 1]!];
    }
    const { events, warnings } = recordingOf(captureOf([
      packet(A, SYN, start),
      packet(B, SYN | ACK, 7),
      packet(A, FIN | ACK, start + 1 + bytes.length),
      ...segments,
      packet(B, FIN | ACK, 8),
    ]));
    const { in: got, rest } = gist(events);
    assertEquals([got, warnings], [text, []]);
    // FIN came before the bytes, and is passed on behind them.
    assertEquals(rest, ["open", "half-close in", "half-close out", "close out"]);
  }
});

Deno.test("what isn't in the capture is said, and a reset is one", () => {
  const { events, warnings } = recordingOf(captureOf([
    packet(B, SYN | ACK, 7),
    packet(A, ACK, 101, encode("ab")),
    packet(A, ACK, 113, encode("lost before")),
    packet(B, RST, 8),
  ]));
  const { in: got, rest } = gist(events);
  assertEquals([got, rest], ["ab", ["open", "close out"]]);
  assertEquals(warnings, [
    "connection 1: 10 bytes of 192.0.2.1:5000 aren't in the capture; 11 behind them are left out",
  ]);
  const close = events.at(-1)!;
  assert(close.event === "close" && close.reset);
  const late = recordingOf(captureOf([packet(B, ACK, 50, encode("x"))]));
  assertEquals(late.warnings, [
    "connection 1: it began before the capture; 192.0.2.1:5000 is taken for the client",
  ]);
  assertEquals(gist(late.events).out, "x");
});

Deno.test("two connections between the same ports are two", () => {
  const one = (seq: number, text: string) => [
    packet(A, SYN, seq),
    packet(A, FIN | ACK, seq + 1, encode(text)),
    packet(B, SYN | ACK, seq),
    packet(B, FIN | ACK, seq + 1),
    packet(A, ACK, seq + 9),
  ];
  const { events } = recordingOf(captureOf([...one(1, "first"), ...one(9000, "second")]));
  const texts = events.flatMap((event) =>
    event.event === "data" ? [[event.id, new TextDecoder().decode(event.payload.data)]] : []
  );
  assertEquals(texts, [[1, "first"], [2, "second"]]);
});

Deno.test("a capture cut anywhere ends with its last whole packet; a part of one is an error", () => {
  const whole = captureOf([packet(A, SYN, 1), packet(A, ACK, 2, encode("abc"))]);
  for (let size = 24; size <= whole.length; size++) {
    const { events } = recordingOf(whole.subarray(0, size));
    assertEquals(gist(events).in, size === whole.length ? "abc" : "");
  }
  assertThrows(
    () => recordingOf(captureOf([packet(A, SYN, 1)], 5)),
    Error,
    "packet 1: the capture has 35 of 40 bytes; tcpdump -s 0 keeps all",
  );
});

Deno.test("whatever a file holds is an error or a recording", () => {
  const random = generator(5);
  const whole = captureOf([packet(A, SYN, 1), packet(A, ACK, 2, encode("abc")), packet(B, RST, 3)]);
  for (let round = 0; round < 5000; round++) {
    const bytes = whole.slice(0, below(random, whole.length + 1));
    for (let i = 0; i < 3 && bytes.length > 0; i++) {
      bytes[below(random, bytes.length)] = below(random, 256);
    }
    try {
      recordingOf(bytes);
    } catch (error) {
      assert(error instanceof Error && !(error instanceof TypeError), `${error}`);
    }
  }
  assertThrows(() => recordingOf(encode('{"t":0}')), Error, "expected a capture, pcap or pcapng");
});
