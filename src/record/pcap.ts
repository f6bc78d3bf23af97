/**
 * Exports a recording as a capture file for Wireshark (draft-ietf-opsawg-pcap), in packets that
 * would have carried it.
 */
import { concat } from "../core/bytes.ts";
import { LARGEST_DATAGRAM } from "../core/limits.ts";
import { type MessageTransport, opposite, type RecordedEvent, type Side } from "./event.ts";
import { endpointsOf } from "./endpoints.ts";
import { ACK, type Endpoint, FIN, PSH, RST, SYN, tcpPacket, udpPacket } from "./packet.ts";
import { type Conversation, conversationsOf, transportOf } from "./conversation.ts";

/** Packets begin with an IPv4 or IPv6 header. */
const LINKTYPE_RAW = 101;
/** The largest packet that Wireshark takes, bytes. */
const SNAPLEN = 262_144;
/** Data of one segment, bytes: what fits an IPv4 packet with its headers. */
const SEGMENT = 65_400;

/**
 * Yields the file's header, then one record for each packet. Times count from the beginning of
 * 1970, since a recording has no date.
 */
export function* pcap(events: readonly RecordedEvent[]): Generator<Uint8Array> {
  yield fileHeader();
  const packetizers = new Map(conversationsOf(events).map((one) => [one.id, packetizerFor(one)]));
  for (const event of events) {
    for (const packet of packetizers.get(event.id)!.packets(event)) yield record(event.t, packet);
  }
}

/** A capture of a recording that grows, in which each connection's first event is its `open`. */
export class GrowingPcap {
  readonly header = fileHeader();
  /** Of connections that aren't closed. */
  readonly #packetizers = new Map<number, Packetizer>();

  /** @param begin When the recording began, seconds since the beginning of 1970. */
  constructor(private readonly begin: number) {}

  /** The records of one event. The `open` of a connection has to say what carries its messages. */
  records(event: RecordedEvent): Uint8Array {
    const { id } = event;
    if (event.event === "step") return new Uint8Array();
    const packetizer = this.#packetizers.get(id) ?? packetizerFor({ id, events: [event] });
    if (event.event === "close") this.#packetizers.delete(id);
    else this.#packetizers.set(id, packetizer);
    const time = this.begin + event.t;
    return concat([...packetizer.packets(event)].map((packet) => record(time, packet)));
  }
}

function fileHeader(): Uint8Array {
  const header = new DataView(new ArrayBuffer(24));
  header.setUint32(0, 0xa1b2c3d4); // Big-endian, microseconds.
  header.setUint16(4, 2);
  header.setUint16(6, 4);
  header.setUint32(16, SNAPLEN);
  header.setUint32(20, LINKTYPE_RAW);
  return new Uint8Array(header.buffer);
}

function record(t: number, packet: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(16 + packet.length);
  const view = new DataView(bytes.buffer);
  const microseconds = Math.round(t * 1e6);
  view.setUint32(0, Math.floor(microseconds / 1e6));
  view.setUint32(4, microseconds % 1e6);
  view.setUint32(8, packet.length);
  view.setUint32(12, packet.length);
  bytes.set(packet, 16);
  return bytes;
}

type Endpoints = Record<Side, Endpoint>;

function packetizerFor(conversation: Conversation): Packetizer {
  return new Packetizer(endpointsOf(conversation), conversation.id, transportOf(conversation));
}

/** An odd number: its multiples, in the circle of sequence numbers, are all different. */
const SPREAD = 0x9e3779b1;

/**
 * Makes packets of the events of one connection: both directions of TCP, whose segments are
 * acknowledged at once, and datagrams. Messages of WebSockets are TCP data, without frames.
 */
class Packetizer {
  readonly #next: Record<Side, number>;
  readonly #finSent = { in: false, out: false };
  #reset = false;
  /** Whether there is a TCP connection, or will be. */
  #hasTcp: boolean;

  /**
   * @param id Gives the first sequence number: ports that are used again begin with another.
   * @param transport That of messages; without one, datagrams may be beside a stream of bytes.
   */
  constructor(
    private readonly endpoints: Endpoints,
    id: number,
    private readonly transport: MessageTransport | undefined,
  ) {
    const first = Math.imul(id - 1, SPREAD) >>> 0;
    this.#next = { in: first, out: first };
    this.#hasTcp = transport !== "udp";
  }

  *packets(event: RecordedEvent): Generator<Uint8Array> {
    switch (event.event) {
      case "open":
        if (this.#hasTcp) yield* this.#handshake();
        return;
      case "data":
        yield* this.#data(event.dir, event.payload.data);
        return;
      case "message":
        yield* this.#message(event.dir, event.payload.data);
        return;
      case "half-close":
        if (this.#hasTcp) yield* this.#finish(event.dir);
        return;
      case "error":
        // Recordings without a status don't say which errors were a reset.
        this.#reset = event.status === undefined;
        return;
      case "close":
        this.#reset ||= event.reset === true;
        if (this.#hasTcp) yield* this.#close(event.dir ?? "in");
    }
  }

  *#handshake(): Generator<Uint8Array> {
    yield this.#send("in", SYN);
    yield this.#send("out", SYN | ACK);
    yield this.#send("in", ACK);
  }

  /** A datagram that UDP can't hold, but a Unix socket can, is TCP data as well. */
  *#message(from: Side, data: Uint8Array): Generator<Uint8Array> {
    if (this.transport !== "ws" && data.length <= LARGEST_DATAGRAM) {
      yield udpPacket(this.endpoints[from], this.endpoints[opposite(from)], data);
      return;
    }
    yield* this.#data(from, data);
  }

  *#data(from: Side, data: Uint8Array): Generator<Uint8Array> {
    if (!this.#hasTcp) yield* this.#handshake();
    this.#hasTcp = true;
    for (let at = 0; at < data.length; at += SEGMENT) {
      yield this.#send(from, PSH | ACK, data.subarray(at, at + SEGMENT));
      yield this.#send(opposite(from), ACK);
    }
  }

  *#finish(from: Side): Generator<Uint8Array> {
    if (this.#finSent[from]) return;
    this.#finSent[from] = true;
    yield this.#send(from, FIN | ACK);
    yield this.#send(opposite(from), ACK);
  }

  /** Closes with RST after an error, and with FIN from both sides otherwise. */
  *#close(by: Side): Generator<Uint8Array> {
    if (this.#reset) {
      yield this.#send(by, RST | ACK);
    } else {
      yield* this.#finish(by);
      yield* this.#finish(opposite(by));
    }
  }

  /** Builds a segment. SYN and FIN count as one byte of the sequence (RFC 9293 §3.4). */
  #send(from: Side, flags: number, data: Uint8Array = new Uint8Array()): Uint8Array {
    const to = opposite(from);
    const seq = this.#next[from];
    const ack = flags & ACK ? this.#next[to] : 0;
    this.#next[from] = (seq + data.length + (flags & (SYN | FIN) ? 1 : 0)) >>> 0;
    return tcpPacket(this.endpoints[from], this.endpoints[to], { seq, ack, flags, data });
  }
}
