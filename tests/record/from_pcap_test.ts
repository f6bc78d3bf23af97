/** Captures as recordings: what was sent comes out, however packets were cut, lost or doubled. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { recordingOf } from "../../src/record/from_pcap.ts";
import { ACK, FIN, RST, SYN } from "../../src/record/packet.ts";
import { pcap } from "../../src/record/pcap.ts";
import { A, B, captureOf, conversation, FOUR, NONE, packet } from "../support/captures.ts";
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

Deno.test("connections between the same ports come out as many, whether or not they ended", () => {
  const ids = [1, 2, 3];
  const talks = ids.flatMap((id) => TALK.slice(0, 2).map((event) => ({ ...event, id })));
  const { events } = recordingOf(concat([...pcap(talks)]));
  for (const id of ids) {
    assertEquals(gist(events.filter((event) => event.id === id)).in, gist(TALK).in);
  }
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
    packet(B, SYN | ACK, 7, NONE, 101),
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

Deno.test("whichever segment is missing, all bytes are there or a note says which aren't", () => {
  for (const ends of [true, false]) {
    const packets = conversation(FOUR, ends);
    for (let lost = 0; lost < packets.length; lost++) {
      // Nothing shows that the last one was sent.
      if (!ends && lost === packets.length - 1) continue;
      const { events, warnings } = recordingOf(captureOf(packets.toSpliced(lost, 1)));
      const { in: asked, out, rest } = gist(events);
      const isWhole = asked === "hellobye" && out === "HELLOBYE";
      assert(isWhole || warnings.length > 0, `packet ${lost}: nothing says what is missing`);
      const isData = lost >= 3 && lost < 7;
      if (isData) assertMatch(warnings[0]!, /^connection 1: \d bytes of .* aren't in the capture/);
      if (!ends) assertEquals(rest, ["open"]);
      else if (isData) {
        assertEquals(rest, ["open", "half-close in", "half-close out", "close out"]);
      }
    }
  }
});

Deno.test("a side that isn't in the capture at all is missed", () => {
  const packets = conversation(FOUR);
  const sides = [[[0, 2, 3, 5, 7, 9], "192.0.2.2:80"], [[1, 4, 6, 8], "192.0.2.1:5000"]] as const;
  for (const [places, missing] of sides) {
    const { warnings } = recordingOf(captureOf(places.map((place) => packets[place]!)));
    assertEquals(warnings, [`connection 1: 9 bytes of ${missing} aren't in the capture`]);
  }
});

Deno.test("a hole before 200,000 segments costs no more than one at the end", () => {
  const data = encode("x");
  const behind = Array.from({ length: 200_000 }, (_, i) => packet(A, ACK, 1002 + i, data));
  const file = captureOf([...conversation(FOUR, false).slice(0, 3), ...behind]);
  const began = performance.now();
  const { warnings } = recordingOf(file);
  const ms = performance.now() - began;
  assertEquals(warnings, [
    "connection 1: a byte of 192.0.2.1:5000 isn't in the capture; 200000 behind it are left out",
  ]);
  assert(ms < 10_000, `it took ${ms} ms`);
});

Deno.test("a FIN behind bytes that aren't in the capture stays where it was", () => {
  const { events, warnings } = recordingOf(captureOf(conversation(FOUR).toSpliced(5, 1)));
  assertEquals(warnings, ["connection 1: 3 bytes of 192.0.2.1:5000 aren't in the capture"]);
  assertEquals(
    events.map(({ t, event }) => `${t} ${event}`),
    ["0 step", "1 open", "3 data", "4 data", "5 data", "6 half-close", "7 half-close", "7 close"],
  );
});

Deno.test("a SYN with another number begins another connection, whatever became of the first", () => {
  const again = conversation([[A, "2nd"], [B, "2ND"]], true, [900_000, 800_000]);
  const firsts = [conversation(FOUR), conversation(FOUR, false), conversation(FOUR).slice(3)];
  for (const first of firsts) {
    // The SYN itself may be missing.
    for (const second of [again, again.slice(1)]) {
      const { events, warnings } = recordingOf(captureOf([...first, ...second]));
      const texts = (id: number) => gist(events.filter((event) => event.id === id));
      assertEquals([texts(1).in, texts(1).out], ["hellobye", "HELLOBYE"]);
      assertEquals([texts(2).in, texts(2).out], ["2nd", "2ND"]);
      assertEquals(
        warnings.includes("connection 1: its end isn't in the capture"),
        first === firsts[1],
      );
    }
  }
  // The same SYN again begins none.
  const twice = conversation(FOUR, false);
  const { events } = recordingOf(captureOf([...twice.slice(0, 4), twice[0]!, ...twice.slice(4)]));
  assertEquals(new Set(events.map(({ id }) => id)).size, 1);
});

/** The events of a capture, steps by their names. */
function shapeOf(...packets: Uint8Array[]): string[] {
  return recordingOf(captureOf(packets)).events.map((event) =>
    event.event === "step" ? event.step : event.event
  );
}

Deno.test("a connection is only what its packets show", () => {
  const [syn, synAck, ack, hello] = conversation(FOUR) as [Uint8Array, ...Uint8Array[]];
  const refusal = packet(B, RST | ACK, 0, NONE, 1001);
  assertEquals(shapeOf(syn, syn, syn), ["connect", "connect", "connect"]);
  assertEquals(shapeOf(syn, refusal), ["connect", "connect-failed"]);
  assertEquals(shapeOf(syn, refusal, syn, synAck!), [
    "connect",
    "connect-failed",
    "connect",
    "open",
  ]);
  assertEquals(shapeOf(syn, synAck!, ack!), ["connect", "open"]);
  assertEquals(shapeOf(syn, synAck!, packet(A, RST, 1001)), ["connect", "open", "close"]);
  assertEquals(shapeOf(hello!), ["open", "data"]);
});

Deno.test("data in a SYN counts once it is answered", () => {
  const early = packet(A, SYN, 1000, encode("early"));
  const answer = packet(B, SYN | ACK, 5000, NONE, 1006);
  assertEquals(gist(recordingOf(captureOf([early, answer])).events).in, "early");
  assertEquals(recordingOf(captureOf([early])).warnings, [
    "connection 1: 5 bytes came with a SYN that wasn't answered; they are left out",
  ]);
});

Deno.test("two connections between the same ports are two", () => {
  const one = (seq: number, text: string) => [
    packet(A, SYN, seq),
    packet(A, FIN | ACK, seq + 1, encode(text), seq),
    packet(B, SYN | ACK, seq - 1),
    packet(B, FIN | ACK, seq),
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

/** A block of a pcapng file, whose words are little-endian. */
function block(type: number, words: readonly number[], data = NONE): Uint8Array {
  const size = 12 + words.length * 4 + Math.ceil(data.length / 4) * 4;
  const view = new DataView(new ArrayBuffer(size));
  [type, size, ...words].forEach((word, i) => view.setUint32(i * 4, word >>> 0, true));
  new Uint8Array(view.buffer).set(data, 8 + words.length * 4);
  view.setUint32(size - 4, size, true);
  return new Uint8Array(view.buffer);
}

/** A pcapng file in which each packet is of an interface with its own link type. */
function mixed(packets: readonly (readonly [link: number, packet: Uint8Array])[]): Uint8Array {
  const links = [...new Set(packets.map(([link]) => link))];
  return concat([
    block(0x0a0d0d0a, [0x1a2b3c4d, 1, -1, -1]),
    ...links.map((link) => block(1, [link, 0])),
    ...packets.map(([link, packet], i) =>
      block(6, [links.indexOf(link), 0, i, packet.length, packet.length], packet)
    ),
  ]);
}

Deno.test("packets of a link type that isn't known are counted, and the others read", () => {
  const air = encode("a frame of a radio");
  const packets = conversation(FOUR).map((packet) => [101, packet] as const);
  const { events, warnings } = recordingOf(
    mixed([[127, air], ...packets.slice(0, 5), [127, air], [105, air], ...packets.slice(5)]),
  );
  assertEquals(gist(events).in, "hellobye");
  assertEquals(warnings, [
    "2 packets have link type 127, which isn't known; left out",
    "1 packet has link type 105, which isn't known; left out",
  ]);
  assertThrows(() => recordingOf(mixed([[127, air]])), Error, "link type 127 isn't known");
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
