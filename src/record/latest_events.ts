/**
 * The latest events of one connection, within bounds, and of what came before them how much it was.
 * No system is needed: a control keeps them, and pages of a browser do.
 */
import type { Omitted, RecordedEvent, Side } from "./event.ts";

/** Bytes of payload that are kept of each direction. */
export const MAX_BYTES = 64 * 1024;
/** Reads, writes and messages that are kept of each direction. */
export const MAX_PIECES = 2000;
/** Steps, ends and errors that are kept. */
export const MAX_OTHERS = 200;
/** Memory of one event beside its payload, bytes; measured. */
export const OVERHEAD = 400;

type Carried = Extract<RecordedEvent, { event: "data" | "message" }>;
type Opened = Extract<RecordedEvent, { event: "open" }>;

/** An event and its place among all of its connection. */
interface Placed<E> {
  readonly order: number;
  readonly event: E;
}

/** What one side has sent; pieces that are kept no more are cleared. */
interface Flow {
  readonly pieces: (Placed<Carried> | undefined)[];
  /** Index of the first piece that is still kept. */
  first: number;
  bytes: number;
  /** Bytes that are kept no more, or never were. */
  omitted: number;
}

const newFlow = (): Flow => ({ pieces: [], first: 0, bytes: 0, omitted: 0 });

export class LatestEvents {
  #open: Placed<Opened> | undefined;
  /** Events without payload. */
  readonly #others: Placed<RecordedEvent>[] = [];
  readonly #flows: Readonly<Record<Side, Flow>> = { in: newFlow(), out: newFlow() };
  #limit: Omitted["limit"];
  #order = 0;
  #size = 0;

  /** How many events there have been. */
  get count(): number {
    return this.#order;
  }

  /** What is kept no more, or was left out by who told the events. */
  get omitted(): Omitted {
    const { in: up, out: down } = this.#flows;
    return { in: up.omitted, out: down.omitted, limit: this.#limit };
  }

  /** Memory for payload, with what its events take beside it, bytes. */
  get size(): number {
    return this.#size;
  }

  /** The events that are kept, in their order; the first one tells what is omitted. */
  get events(): RecordedEvent[] {
    const { in: up, out: down } = this.#flows;
    const { omitted } = this;
    const hasGap = omitted.in + omitted.out > 0;
    const open = this.#open && {
      ...this.#open,
      event: { ...this.#open.event, omitted: hasGap ? omitted : undefined },
    };
    return [
      ...open ? [open] : [],
      ...this.#others,
      ...[...up.pieces, ...down.pieces].filter((piece) => piece !== undefined),
    ].sort((a, b) => a.order - b.order).map(({ event }) => event);
  }

  /** Adds an event. Of its payload a copy is kept. */
  add(event: RecordedEvent): void {
    const order = ++this.#order;
    switch (event.event) {
      case "data":
      case "message":
        return this.#carry(order, event);
      case "open":
        return this.#begin(order, event);
      default:
        this.#others.push({ order, event });
        if (this.#others.length > MAX_OTHERS) this.#others.shift();
    }
  }

  /** Forgets the payload, because all connections together have too much. */
  forget(): void {
    for (const flow of Object.values(this.#flows)) {
      if (flow.bytes > 0) this.#limit = "all";
      flow.omitted += flow.bytes;
      flow.bytes = 0;
      flow.pieces.length = 0;
      flow.first = 0;
    }
    this.#size = 0;
  }

  #begin(order: number, event: Opened): void {
    this.#open = { order, event };
    const { omitted } = event;
    if (!omitted) return;
    this.#limit = omitted.limit;
    for (const dir of ["in", "out"] as const) this.#flows[dir].omitted += omitted[dir];
  }

  #carry(order: number, event: Carried): void {
    const flow = this.#flows[event.dir];
    const { data } = event.payload;
    const kept = data.slice(-MAX_BYTES);
    flow.pieces.push({ order, event: { ...event, payload: { ...event.payload, data: kept } } });
    flow.bytes += kept.length;
    this.#size += kept.length + OVERHEAD;
    this.#skip(flow, data.length - kept.length);
    while (flow.bytes > MAX_BYTES || flow.pieces.length - flow.first > MAX_PIECES) {
      const { length } = flow.pieces[flow.first]!.event.payload.data;
      flow.pieces[flow.first++] = undefined;
      flow.bytes -= length;
      this.#size -= length + OVERHEAD;
      this.#skip(flow, length);
    }
    if (flow.first * 2 < flow.pieces.length) return;
    flow.pieces.splice(0, flow.first);
    flow.first = 0;
  }

  #skip(flow: Flow, bytes: number): void {
    if (bytes === 0) return;
    flow.omitted += bytes;
    this.#limit = "connection";
  }
}
