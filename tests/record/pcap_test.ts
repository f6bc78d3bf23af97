/** Captures as tshark reads them, which verifies every checksum and sequence number. */
import { assertEquals, assertMatch } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import type { RecordedEvent, Side } from "../../src/record/event.ts";
import { GrowingPcap, pcap } from "../../src/record/pcap.ts";
import { temporary } from "../e2e/coax.ts";
import { available, testWith } from "../interop/peer_program.ts";
import { encode } from "../support/connections.ts";
import { randomBytes } from "../support/random.ts";

const tshark = { name: "tshark", available: available("tshark", ["--version"], /TShark/) };

type TimedEvent = RecordedEvent extends infer E
  ? E extends RecordedEvent ? Omit<E, "t" | "id"> : never
  : never;

/** Events of one connection, a second apart. */
function events(id: number, happenings: readonly TimedEvent[]): RecordedEvent[] {
  return happenings.map((happening, i) => ({ t: i + id / 1e6, id, ...happening }));
}

function open(peer: string, at: Side): TimedEvent {
  return { event: "open", dir: "in", peer, at };
}
function data(dir: Side, bytes: Uint8Array): TimedEvent {
  return { event: "data", dir, payload: { data: bytes } };
}
function message(dir: Side, text: string): TimedEvent {
  return { event: "message", dir, payload: { data: encode(text), text: true } };
}

const CHECKS = ["ip.check_checksum", "tcp.check_checksum", "udp.check_checksum"];

/** Fields in which Wireshark reports errors, and their values for a valid packet. */
const SOUND = {
  "ip.checksum.status": /^1?$/,
  "tcp.checksum.status": /^1?$/,
  "udp.checksum.status": /^1?$/,
  "_ws.malformed": /^$/,
  "tcp.analysis.flags": /^$/,
};

/** The fields of every packet of a capture, all of them valid. */
async function dissect(
  recording: readonly RecordedEvent[],
  fields: readonly string[],
): Promise<string[][]> {
  await using temp = await temporary();
  const path = `${temp.path}/r.pcap`;
  await Deno.writeFile(path, concat([...pcap(recording)]));
  const { stdout, stderr, code } = await new Deno.Command("tshark", {
    args: [
      ...["-r", path, "-T", "fields"],
      ...[...Object.keys(SOUND), ...fields].flatMap((field) => ["-e", field]),
      ...CHECKS.flatMap((check) => ["-o", `${check}:TRUE`]),
    ],
    stdin: "null",
  }).output();
  assertEquals(code, 0, new TextDecoder().decode(stderr));
  const lines = new TextDecoder().decode(stdout).split("\n").slice(0, -1);
  return lines.map((line) => {
    const values = line.split("\t");
    for (const [field, right] of Object.entries(SOUND)) {
      assertMatch(values.shift()!, right, field);
    }
    return values;
  });
}

testWith(
  tshark,
  "a recorded connection has its handshake, bytes, ports and FINs in order",
  async () => {
    const recording = events(1, [
      open("127.0.0.1:4242", "in"),
      data("in", encode("ping")),
      data("out", encode("odd")),
      { event: "half-close", dir: "in" },
      data("out", encode("more")),
      { event: "half-close", dir: "out" },
      { event: "close", dir: "out" },
    ]);
    const fields = ["ip.src", "tcp.srcport", "tcp.flags.str", "tcp.seq", "tcp.ack", "tcp.payload"];
    const packets = await dissect(recording, fields);
    assertEquals(
      packets.map(([ip, port, flags, seq, ack, payload]) => {
        const text = new TextDecoder().decode(Uint8Array.fromHex(payload!));
        assertEquals(ip, "127.0.0.1");
        return `${port} ${flags!.replace(/[^A-Z]/g, "")} ${seq} ${ack} ${text}`.trim();
      }),
      [
        "4242 S 0 0",
        "49151 AS 0 1",
        "4242 A 1 1",
        "4242 AP 1 1 ping",
        "49151 A 1 5",
        "49151 AP 1 5 odd",
        "4242 A 5 4",
        "4242 AF 5 4",
        "49151 A 4 6",
        "49151 AP 4 6 more",
        "4242 A 6 8",
        "49151 AF 8 6",
        "4242 A 6 9",
      ],
    );
  },
);

testWith(tshark, "large and odd payloads come out byte by byte, over IPv4 and IPv6", async () => {
  for (const peer of ["10.1.2.3:80", "[fe80::1%eth0]:80", "[::1]:80"]) {
    const [up, down] = [randomBytes(65_401), randomBytes(4_001)];
    const recording = events(1, [open(peer, "out"), data("in", up), data("out", down)]);
    const packets = await dissect(recording, ["tcp.srcport", "tcp.payload"]);
    const sent = (server: boolean) =>
      concat(
        packets.filter(([port]) => (port === "80") === server)
          .map(([, payload]) => Uint8Array.fromHex(payload!)),
      );
    assertEquals(sent(false), up);
    assertEquals(sent(true), down);
  }
});

testWith(tshark, "datagrams stay datagrams, empty ones too", async () => {
  const recording = events(1, [
    open("127.0.0.1:4242", "in"),
    message("in", "ask"),
    message("out", ""),
    message("out", "a".repeat(65_507)),
    { event: "close", dir: "out" },
  ]);
  assertEquals(await dissect(recording, ["udp.srcport", "udp.length"]), [
    ["4242", "11"],
    ["49151", "8"],
    ["49151", "65515"],
  ]);
});

testWith(tshark, "messages too long for UDP are shown over TCP", async () => {
  const coded = events(1, [
    open("127.0.0.1:4242", "in"),
    message("in", "ask"),
    { event: "close", dir: "in", code: 1000 },
  ]);
  const long = events(2, [open("127.0.0.1:4243", "in"), message("in", "a".repeat(65_508))]);
  for (const recording of [coded, long]) {
    const lengths = await dissect(recording, ["tcp.len"]);
    const length = lengths.reduce((sum, [one]) => sum + Number(one), 0);
    assertEquals(length, recording === coded ? 3 : 65_508);
  }
});

testWith(tshark, "connections without addresses are kept apart, and times are kept", async () => {
  const recording = [
    ...events(1, [open("unix:/run/x#1", "in"), data("in", encode("a"))]),
    ...events(2, [open("unix:/run/x#2", "in"), data("in", encode("b"))]),
    ...events(3, [open("exec:cat", "out"), data("in", encode("c"))]),
  ];
  const packets = await dissect(recording, ["tcp.stream", "tcp.payload", "frame.time_epoch"]);
  const spoken = packets.filter(([, payload]) => payload !== "");
  assertEquals(spoken.map(([stream, payload]) => [stream, payload]), [
    ["0", "61"],
    ["1", "62"],
    ["2", "63"],
  ]);
  assertEquals(spoken.map(([, , time]) => Number(time)), [1.000001, 1.000002, 1.000003]);
});

testWith(tshark, "our own address and port are the recorded ones", async () => {
  const at = (peer: string, local: string) => ({ event: "open", dir: "in", peer, local } as const);
  const recording = [
    ...events(1, [at("10.0.0.7:4242", "10.0.0.1:9000"), data("in", encode("a"))]),
    ...events(2, [at("[::1]:4243", "127.0.0.1:9000"), data("in", encode("b"))]),
  ];
  const packets = await dissect(recording, ["ip.dst", "ipv6.dst", "tcp.dstport", "tcp.payload"]);
  assertEquals(packets.filter(([, , , payload]) => payload !== ""), [
    ["10.0.0.1", "", "9000", "61"],
    ["", "::1", "49151", "62"], // An address of another family can't be in the same packet.
  ]);
});

testWith(
  tshark,
  "an error that was no reset ends without one, where the recording says so",
  async () => {
    const ending = (close: Partial<TimedEvent>) =>
      events(1, [
        open("127.0.0.1:4242", "in"),
        { event: "error", text: "idle", status: 5 },
        { event: "close", dir: "out", ...close } as TimedEvent,
      ]);
    const resets = async (close: Partial<TimedEvent>) =>
      (await dissect(ending(close), ["tcp.flags.reset"])).some(([reset]) => reset === "1");
    assertEquals([await resets({}), await resets({ reset: true })], [false, true]);
  },
);

testWith(
  tshark,
  "a recording that says so has datagrams however few, and no WebSocket",
  async () => {
    const transports = (transport: "ws" | "udp") =>
      dissect(
        events(1, [{ event: "open", peer: "127.0.0.1:1", transport }, message("in", "a")]),
        ["udp.length"],
      );
    assertEquals((await transports("udp")).map(([length]) => length), ["9"]);
    assertEquals((await transports("ws")).every(([length]) => length === ""), true);
  },
);

testWith(tshark, "messages that no datagram of UDP can hold are exported whole", async () => {
  const opening = { event: "open", peer: "unixgram:@client", transport: "udp" } as const;
  const long = events(1, [opening, message("in", "x".repeat(100_000))]);
  const lengths = (await dissect(long, ["tcp.len"])).map(([length]) => Number(length));
  assertEquals(lengths.reduce((sum, length) => sum + length), 100_000);
});

testWith(tshark, "a broken connection ends with a reset", async () => {
  const recording = events(1, [
    open("127.0.0.1:4242", "in"),
    data("in", encode("a")),
    { event: "error", text: "reset by peer" },
    { event: "close", dir: "out" },
  ]);
  const flags = await dissect(recording, ["tcp.flags.reset", "tcp.flags.fin"]);
  assertEquals(flags.at(-1), ["1", "0"]);
});

Deno.test("a capture that grows is that of the whole recording, with dates", () => {
  const recording = [
    ...events(1, [
      open("127.0.0.1:4000", "in"),
      data("in", encode("ask")),
      data("out", encode("answer")),
      { event: "half-close", dir: "in" },
      { event: "close", dir: "in" },
    ]),
    ...events(2, [
      { ...open("127.0.0.1:4001", "in"), transport: "udp" } as TimedEvent,
      message("in", "a datagram"),
      { event: "close", dir: "out" },
    ]),
  ];
  const growing = new GrowingPcap(0);
  const pieces = recording.map((event) => growing.records(event));
  assertEquals(concat([growing.header, ...pieces]).toHex(), concat([...pcap(recording)]).toHex());
  const dated = new GrowingPcap(1_700_000_000.5).records(recording[5]!);
  assertEquals(dated.length, 0, "a datagram's opening is no packet");
  const first = new GrowingPcap(1_700_000_000.5).records(recording[0]!);
  const view = new DataView(first.buffer, first.byteOffset);
  assertEquals([view.getUint32(0), view.getUint32(4)], [1_700_000_000, 500_001]);
});
