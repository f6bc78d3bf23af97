/** Makes a recording of a capture: its TCP and UDP connections, as events. */
import type { CapturedPacket } from "./capture.ts";
import { packetsOf } from "./capture.ts";
import type { RecordedEvent } from "./event.ts";
import { type Segment, segmentOf } from "./segment.ts";
import { type EventSink, TcpConversation, type TcpSegment } from "./tcp_conversation.ts";

/** A recording, and what of the capture isn't in it. */
export interface CaptureRecording {
  readonly events: RecordedEvent[];
  /** One line for each. */
  readonly warnings: string[];
}

/** The events of a capture. Throws a plain `Error` for what is no capture, or isn't whole. */
export function recordingOf(file: Uint8Array): CaptureRecording {
  const capture = new Capture();
  for (const packet of packetsOf(file, (link) => capture.leaveOut(link))) capture.add(packet);
  return capture.finish();
}

class Capture {
  /** Places that were kept for an event, and didn't need one, are empty. */
  readonly #events: (RecordedEvent | undefined)[] = [];
  readonly #warnings: string[] = [];
  readonly #tcp = new Map<string, TcpConversation>();
  readonly #udp = new Map<string, UdpConversation>();
  /** How many packets had a link layer that isn't known, by its type. */
  readonly #leftOut = new Map<number, number>();
  #begin: number | undefined;
  #t = 0;
  #count = 0;

  leaveOut(link: number): void {
    this.#leftOut.set(link, (this.#leftOut.get(link) ?? 0) + 1);
  }

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
    const key = [segment.source, segment.destination].sort().join(" ");
    if (segment.protocol === "tcp") this.#tcpOf(key, segment)?.add(segment, this.#t);
    else this.#udpOf(key, segment).add(segment, this.#t);
  }

  #tcpOf(key: string, segment: TcpSegment): TcpConversation | undefined {
    const known = this.#tcp.get(key);
    if (known && !known.isBegunAnew(segment)) return known;
    // What comes behind the end of one is no beginning of another.
    if (segment.data.length === 0 && !segment.syn) return undefined;
    known?.finish(true);
    const id = ++this.#count;
    const made = new TcpConversation(id, segment, this.#sinkOf(id));
    this.#tcp.set(key, made);
    return made;
  }

  #udpOf(key: string, segment: Segment): UdpConversation {
    const known = this.#udp.get(key);
    if (known) return known;
    const id = ++this.#count;
    const made = new UdpConversation(id, segment, this.#sinkOf(id));
    this.#udp.set(key, made);
    return made;
  }

  #sinkOf(id: number): EventSink {
    return {
      emit: (event) => void this.#events.push(event),
      reserve: (event) => {
        const place = this.#events.push(undefined) - 1;
        return () => void (this.#events[place] = event);
      },
      warn: (text) => void this.#warnings.push(`connection ${id}: ${text}`),
    };
  }

  /** Throws a plain `Error` where every packet was left out for its link layer. */
  finish(): CaptureRecording {
    for (const conversation of this.#tcp.values()) conversation.finish(false);
    for (const conversation of this.#udp.values()) conversation.finish(this.#t);
    const events = this.#events.filter((event) => event !== undefined);
    const links = [...this.#leftOut.keys()];
    if (events.length === 0 && links.length > 0) {
      throw new Error(links.map((link) => `link type ${link} isn't known`).join(", "));
    }
    const leftOut = [...this.#leftOut].map(([link, count]) => {
      const packets = count === 1 ? "1 packet has" : `${count} packets have`;
      return `${packets} link type ${link}, which isn't known; left out`;
    });
    return { events, warnings: [...leftOut, ...this.#warnings] };
  }
}

/** Datagrams between two addresses; who sent the first is the client. */
class UdpConversation {
  #opened = false;

  constructor(
    private readonly id: number,
    private readonly first: Segment,
    private readonly sink: EventSink,
  ) {}

  add({ source, data }: Segment, t: number): void {
    const { id } = this;
    const { source: peer, destination: local } = this.first;
    const transport = "udp";
    if (!this.#opened) {
      this.sink.emit({ t, id, event: "open", peer, local, transport, captured: true });
    }
    this.#opened = true;
    const dir = source === peer ? "in" : "out";
    this.sink.emit({ t, id, event: "message", dir, payload: { data } });
  }

  finish(t: number): void {
    this.sink.emit({ t, id: this.id, event: "close" });
  }
}
