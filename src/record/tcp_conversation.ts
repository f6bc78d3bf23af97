/** A TCP connection in a capture, as events of a recording: those that its packets show. */
import type { RecordedEvent, Side } from "./event.ts";
import { opposite } from "./event.ts";
import type { Segment } from "./segment.ts";
import { TcpStream } from "./tcp_stream.ts";

export type TcpSegment = Extract<Segment, { protocol: "tcp" }>;

/** Where the events of one connection go. */
export interface EventSink {
  emit(event: RecordedEvent): void;
  /** Keeps this place for an event; what is returned puts it there. */
  reserve(event: RecordedEvent): () => void;
  warn(text: string): void;
}

export class TcpConversation {
  readonly #streams: Record<Side, TcpStream> = { in: new TcpStream(), out: new TcpStream() };
  /** The client, and the server. */
  readonly #ends: { readonly peer: string; readonly local: string };
  /** Puts FINs where they were, should the bytes before them never come. */
  readonly #lateEnds: Partial<Record<Side, () => void>> = {};
  /** Puts the close behind the second FIN. */
  #lateClose: (() => void) | undefined;
  /** Whether its first SYN was seen, so that there may be no connection yet. */
  #asked = false;
  #opened = false;
  isOver = false;

  constructor(
    private readonly id: number,
    private readonly first: TcpSegment,
    private readonly sink: EventSink,
  ) {
    const answered = first.syn && first.ack;
    const { source, destination } = first;
    const peer = first.syn ? answered ? destination : source : likelyClient(source, destination);
    this.#ends = { peer, local: peer === source ? destination : source };
    if (!first.syn) sink.warn(`it began before the capture; ${peer} is taken for the client`);
  }

  /** Whether a segment belongs to a later connection between the same addresses. */
  isBegunAnew({ source, sequence, syn, ack }: TcpSegment): boolean {
    if (!syn) return false;
    const { begin } = this.#streams[this.#sideOf(source)];
    return (this.isOver && !ack) || (begin !== undefined && begin !== (sequence + 1) >>> 0);
  }

  add(segment: TcpSegment, t: number): void {
    if (this.isOver) return;
    const { source, sequence, syn, ack, fin, rst, data } = segment;
    const dir = this.#sideOf(source);
    const [stream, other] = [this.#streams[dir], this.#streams[opposite(dir)]];
    // SYN takes the place of one byte.
    const first = syn ? (sequence + 1) >>> 0 : sequence;
    stream.beginAt(first);
    stream.reach((first + data.length) >>> 0);
    // Whoever answers knows how the other side counts, though that SYN may not be there.
    if (ack && (syn || this.#asked)) other.beginAt(segment.acknowledged);
    if (ack) other.reach(segment.acknowledged);
    stream.keep(first, data);
    this.#opened ||= this.#opens(segment, dir, t);
    if (!this.#opened) return;
    this.#passBytes(t);
    if (fin) this.#seeEnd(dir, (first + data.length) >>> 0, t);
    if (rst) return this.#close(t, dir, true);
    this.#passEnd(dir, t);
    const { in: one, out: two } = this.#streams;
    if (one.ended && two.ended) return this.#close(t, dir, false);
    if (one.end === undefined || two.end === undefined) return;
    this.#lateClose ??= this.sink.reserve({ t, id: this.id, event: "close", dir });
  }

  #sideOf(source: string): Side {
    return source === this.#ends.peer ? "in" : "out";
  }

  /** Whether the connection is there now. Emits what its packets say of that. */
  #opens({ syn, ack, rst }: TcpSegment, dir: Side, t: number): boolean {
    const { id } = this;
    const step = { t, id, event: "step", leg: "client" } as const;
    if (syn && !ack) {
      this.#asked = true;
      if (dir === "in") this.sink.emit({ ...step, step: "connect", ends: this.#ends });
      return false;
    }
    if (rst && this.#asked) {
      this.isOver = true;
      if (dir === "out") this.sink.emit({ ...step, step: "connect-failed", text: "refused" });
      this.#reportUnanswered();
      return false;
    }
    const { peer, local } = this.#ends;
    const begun = this.first.syn ? undefined : true;
    this.sink.emit({ t, id, event: "open", peer, local, captured: true, begun });
    return true;
  }

  #passBytes(t: number): void {
    for (const dir of ["in", "out"] as const) {
      for (const bytes of this.#streams[dir].take()) {
        const payload = { data: bytes.slice() };
        this.sink.emit({ t, id: this.id, event: "data", dir, payload });
      }
    }
  }

  #seeEnd(dir: Side, end: number, t: number): void {
    const stream = this.#streams[dir];
    if (stream.end !== undefined) return;
    stream.end = end;
    this.#lateEnds[dir] = this.sink.reserve({ t, id: this.id, event: "half-close", dir });
  }

  /** Passes FIN on, once all bytes before it are there. */
  #passEnd(dir: Side, t: number): void {
    const stream = this.#streams[dir];
    if (stream.ended || !stream.isComplete) return;
    stream.ended = true;
    this.sink.emit({ t, id: this.id, event: "half-close", dir });
  }

  #close(t: number, dir: Side, reset: boolean): void {
    this.isOver = true;
    this.#settle();
    this.sink.emit({ t, id: this.id, event: "close", dir, ...reset ? { reset } : {} });
  }

  /** Nothing more comes: says what is missing, and passes FINs on that waited for it. */
  #settle(): void {
    for (const dir of ["in", "out"] as const) {
      const stream = this.#streams[dir];
      this.#reportGap(dir);
      if (stream.end === undefined || stream.ended) continue;
      stream.ended = true;
      this.#lateEnds[dir]!();
    }
  }

  #reportGap(dir: Side): void {
    const { gap } = this.#streams[dir];
    if (!gap) return;
    const from = dir === "in" ? this.#ends.peer : this.#ends.local;
    const { bytes, behind, mayBeEnd } = gap;
    const [what, isnt, them] = mayBeEnd
      ? [`a byte of ${from} or its end`, "isn't", "it"]
      : bytes === 1
      ? [`a byte of ${from}`, "isn't", "it"]
      : [`${bytes} bytes of ${from}`, "aren't", "them"];
    const rest = behind > 0 ? `; ${behind} behind ${them} are left out` : "";
    this.sink.warn(`${what} ${isnt} in the capture${rest}`);
  }

  #reportUnanswered(): void {
    const { kept } = this.#streams.in;
    if (kept === 0) return;
    this.sink.warn(`${kept} bytes came with a SYN that wasn't answered; they are left out`);
  }

  /**
   * Nothing more comes.
   *
   * @param reused Whether another connection has taken its place, so that it must have ended.
   */
  finish(reused: boolean): void {
    if (this.isOver) return;
    this.isOver = true;
    if (!this.#opened) return this.#reportUnanswered();
    this.#settle();
    if (this.#lateClose) this.#lateClose();
    else if (reused) this.sink.warn("its end isn't in the capture");
  }
}

/** The end with the higher port: servers have lower ones than the system gives to clients. */
function likelyClient(source: string, destination: string): string {
  const port = (end: string) => Number(/:(\d+)$/.exec(end)![1]);
  return port(source) >= port(destination) ? source : destination;
}
