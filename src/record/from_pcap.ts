/** Makes a recording of a capture: its TCP and UDP connections, as events. */
import type { CapturedPacket } from "./capture.ts";
import { packetsOf } from "./capture.ts";
import type { RecordedEvent, Side } from "./event.ts";
import { type Segment, segmentOf } from "./segment.ts";

type TcpSegment = Extract<Segment, { protocol: "tcp" }>;

/** A recording, and what of the capture isn't in it. */
export interface CaptureRecording {
  readonly events: RecordedEvent[];
  /** One line for each. */
  readonly warnings: string[];
}

/** The events of a capture. Throws a plain `Error` for what is no capture, or isn't whole. */
export function recordingOf(file: Uint8Array): CaptureRecording {
  const capture = new Capture();
  for (const packet of packetsOf(file)) capture.add(packet);
  return capture.finish();
}

interface Conversation {
  add(segment: Segment, t: number): void;
  /** Whether a SYN begins another one between the same addresses. */
  readonly isOver: boolean;
  finish(t: number): void;
}

class Capture {
  readonly #events: RecordedEvent[] = [];
  readonly #warnings: string[] = [];
  readonly #conversations = new Map<string, Conversation>();
  #begin: number | undefined;
  #t = 0;
  #count = 0;

  add({ number, time, ip }: CapturedPacket): void {
    let segment: Segment | undefined;
    try {
      segment = segmentOf(ip);
    } catch (error) {
      this.#warnings.push(`packet ${number}: ${(error as Error).message}; it is left out`);
    }
    if (!segment) return;
    this.#begin ??= time;
    this.#t = Math.round((time - this.#begin) * 1e6) / 1e6;
    this.#conversationOf(segment)?.add(segment, this.#t);
  }

  #conversationOf(segment: Segment): Conversation | undefined {
    const { protocol, source, destination } = segment;
    const key = [protocol, ...[source, destination].sort()].join(" ");
    const known = this.#conversations.get(key);
    const begins = segment.protocol === "tcp" && segment.syn && !segment.ack;
    if (known && !(begins && known.isOver)) return known;
    // What comes behind the end of one is no beginning of another.
    if (segment.protocol === "tcp" && segment.data.length === 0 && !segment.syn) return undefined;
    const id = ++this.#count;
    const emit = (event: RecordedEvent) => void this.#events.push(event);
    const warn = (text: string) => void this.#warnings.push(`connection ${id}: ${text}`);
    const made = segment.protocol === "udp"
      ? new UdpConversation(id, segment, emit)
      : new TcpConversation(id, segment, emit, warn);
    this.#conversations.set(key, made);
    return made;
  }

  finish(): CaptureRecording {
    for (const conversation of this.#conversations.values()) conversation.finish(this.#t);
    return { events: this.#events, warnings: this.#warnings };
  }
}

type Emit = (event: RecordedEvent) => void;

/** Datagrams between two addresses; who sent the first is the client. */
class UdpConversation implements Conversation {
  readonly isOver = false;
  #opened = false;

  constructor(
    private readonly id: number,
    private readonly first: Segment,
    private readonly emit: Emit,
  ) {}

  add({ source, data }: Segment, t: number): void {
    const { id } = this;
    const { source: peer, destination: local } = this.first;
    const transport = "udp";
    if (!this.#opened) this.emit({ t, id, event: "open", peer, local, transport, captured: true });
    this.#opened = true;
    const dir = source === peer ? "in" : "out";
    this.emit({ t, id, event: "message", dir, payload: { data } });
  }

  finish(t: number): void {
    this.emit({ t, id: this.id, event: "close" });
  }
}

/** Bytes of one direction, put in order (RFC 9293 §3.4). */
class Stream {
  /** The sequence number of the next byte; undefined until one is seen. */
  next: number | undefined;
  /** The sequence number behind the last byte, once FIN was seen. */
  end: number | undefined;
  ended = false;
  /** Segments that came before their turn. */
  readonly waiting: { sequence: number; data: Uint8Array }[] = [];

  /** The bytes that are next, with those of `sequence` on; none where some are missing before. */
  *take(sequence: number, data: Uint8Array): Generator<Uint8Array> {
    if (data.length > 0) this.waiting.push({ sequence, data });
    for (let found = true; found;) {
      found = false;
      for (const [i, one] of this.waiting.entries()) {
        const ahead = distance(this.next!, one.sequence);
        if (ahead > 0) continue;
        this.waiting.splice(i, 1);
        found = true;
        const fresh = one.data.subarray(Math.min(-ahead, one.data.length));
        if (fresh.length > 0) {
          this.next = (this.next! + fresh.length) >>> 0;
          yield fresh;
        }
        break;
      }
    }
  }
}

/** How far `other` is ahead of `one` in the circle of sequence numbers; negative behind it. */
function distance(one: number, other: number): number {
  return (other - one) | 0;
}

class TcpConversation implements Conversation {
  readonly #streams: Record<Side, Stream> = { in: new Stream(), out: new Stream() };
  /** The client, and the server. */
  readonly #ends: { readonly peer: string; readonly local: string };
  isOver = false;
  #opened = false;

  constructor(
    private readonly id: number,
    first: TcpSegment,
    private readonly emit: Emit,
    private readonly warn: (text: string) => void,
  ) {
    const answered = first.syn && first.ack;
    const { source, destination } = first;
    const peer = first.syn ? answered ? destination : source : likelyClient(source, destination);
    this.#ends = { peer, local: peer === source ? destination : source };
    if (!first.syn) warn(`it began before the capture; ${peer} is taken for the client`);
  }

  add(segment: Segment, t: number): void {
    if (segment.protocol !== "tcp" || this.isOver) return;
    const { id } = this;
    const { source, sequence, syn, fin, rst, data } = segment;
    const { peer, local } = this.#ends;
    if (!this.#opened) this.emit({ t, id, event: "open", peer, local, captured: true });
    this.#opened = true;
    const dir: Side = source === peer ? "in" : "out";
    const stream = this.#streams[dir];
    // SYN takes the place of one byte.
    const first = syn ? (sequence + 1) >>> 0 : sequence;
    stream.next ??= first;
    for (const bytes of stream.take(first, data)) {
      this.emit({ t, id, event: "data", dir, payload: { data: bytes.slice() } });
    }
    if (fin) stream.end ??= (first + data.length) >>> 0;
    if (rst) return this.#close(t, dir, true);
    this.#passEnd(t, dir);
    if (this.#streams.in.ended && this.#streams.out.ended) this.#close(t, dir, false);
  }

  /** Passes FIN on, once all bytes before it are there. */
  #passEnd(t: number, dir: Side): void {
    const stream = this.#streams[dir];
    if (stream.ended || stream.end === undefined || distance(stream.next!, stream.end) > 0) return;
    stream.ended = true;
    this.emit({ t, id: this.id, event: "half-close", dir });
  }

  #close(t: number, dir: Side, reset: boolean): void {
    this.isOver = true;
    this.#reportGaps();
    this.emit({ t, id: this.id, event: "close", dir, ...reset ? { reset } : {} });
  }

  #reportGaps(): void {
    for (const dir of ["in", "out"] as const) {
      const { next, waiting } = this.#streams[dir];
      const [gap] = waiting.map(({ sequence }) => distance(next!, sequence)).sort((a, b) => a - b);
      if (gap === undefined) continue;
      const lost = waiting.reduce((sum, { data }) => sum + data.length, 0);
      const from = dir === "in" ? this.#ends.peer : this.#ends.local;
      this.warn(`${gap} bytes of ${from} aren't in the capture; ${lost} behind them are left out`);
    }
  }

  finish(t: number): void {
    if (!this.isOver) this.#close(t, "in", false);
  }
}

/** The end with the higher port: servers have lower ones than the system gives to clients. */
function likelyClient(source: string, destination: string): string {
  const port = (end: string) => Number(/:(\d+)$/.exec(end)![1]);
  return port(source) >= port(destination) ? source : destination;
}
