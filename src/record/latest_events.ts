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

  /**
   * Adds an event. Of its payload a copy is kept, for which the memory of what is dropped may be
   * used again: payload that was read before is read anew.
   */
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

  #carry(order: number, { t, id, event, dir, payload: { data, text } }: Carried): void {
    const flow = this.#flows[dir];
    const kept = data.length > MAX_BYTES ? data.subarray(-MAX_BYTES) : data;
    this.#skip(flow, data.length - kept.length);
    const spare = this.#makeRoom(flow, kept.length);
    const copy = copyInto(spare, kept);
    const payload = text === undefined ? { data: copy } : { data: copy, text };
    flow.pieces.push({ order, event: { t, id, event, dir, payload } });
    flow.bytes += kept.length;
    this.#size += kept.length + OVERHEAD;
  }

  /** Drops the oldest pieces until there is room for `length` bytes. Returns the memory of one. */
  #makeRoom(flow: Flow, length: number): ArrayBufferLike | undefined {
    const { pieces } = flow;
    let spare: ArrayBufferLike | undefined;
    while (flow.bytes + length > MAX_BYTES || pieces.length - flow.first >= MAX_PIECES) {
      const { data } = pieces[flow.first]!.event.payload;
      pieces[flow.first++] = undefined;
      spare = data.buffer;
      flow.bytes -= data.length;
      this.#size -= data.length + OVERHEAD;
      this.#skip(flow, data.length);
    }
    if (flow.first * 2 >= pieces.length && flow.first > 0) {
      pieces.splice(0, flow.first);
      flow.first = 0;
    }
    return spare;
  }

  #skip(flow: Flow, bytes: number): void {
    if (bytes === 0) return;
    flow.omitted += bytes;
    this.#limit = "connection";
  }
}

/** A copy of `data`, in `memory` where that is neither too small for it nor much too large. */
function copyInto(memory: ArrayBufferLike | undefined, data: Uint8Array): Uint8Array {
  const { length } = data;
  const fits = memory && memory.byteLength >= length && memory.byteLength <= 2 * length;
  const copy = fits ? new Uint8Array(memory, 0, length) : new Uint8Array(length);
  copy.set(data);
  return copy;
}
