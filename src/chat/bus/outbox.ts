/**
 * What this process has to say on a bus, until it has heard it come back. Facts travel in batches,
 * one at a time, so that none can overtake or replace another, and a batch that may have been lost
 * is sent again as it was.
 */
import type { Fact } from "./facts.ts";

/** How much may wait: characters of facts as JSON. */
export const OUTBOX_LIMIT = 4 * 1024 * 1024;
/** A batch takes no more facts than this, characters: a message of NATS has at most 1 MiB. */
const BATCH = 32 * 1024;
/** Batches that are remembered after they have come back, and for how long, milliseconds. */
const RECENT = 256;
const RECENTLY = 30_000;

/** A fact with its number, which counts this process's facts in this room from 1. */
interface Entry {
  number: number;
  readonly fact: Fact;
  readonly size: number;
  /** Whether the room has been shown it already. */
  shown: boolean;
}

/** Facts that travel together, numbered in order. */
export interface Batch {
  readonly entries: Entry[];
  size: number;
  /** No more facts are taken: it has been sent once. */
  sealed: boolean;
  /** When it was sent in this session, in milliseconds of `performance.now()`, if it was. */
  sent?: number;
}

export class Outbox {
  readonly #batches: Batch[] = [];
  /** What has come back last. */
  readonly #recent: { readonly batch: Batch; readonly at: number }[] = [];
  #size = 0;
  #count = 0;

  /** Whether more than half of it is taken. */
  get crowded(): boolean {
    return this.#size > OUTBOX_LIMIT / 2;
  }

  /** When the batch was sent that waits longest to be heard; never, if none does. */
  get waitsSince(): number {
    return this.#batches.find(({ sent }) => sent !== undefined)?.sent ?? Infinity;
  }

  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /** Every fact in it, oldest first. */
  get entries(): Entry[] {
    return this.#batches.flatMap(({ entries }) => entries);
  }

  /** Takes a fact, or nothing if it is full. */
  add(fact: Fact): Entry | undefined {
    const size = JSON.stringify(fact).length;
    if (this.#size + size > OUTBOX_LIMIT) return undefined;
    let batch = this.#batches.at(-1);
    if (!batch || batch.sealed || batch.size + size > BATCH) {
      batch = { entries: [], size: 0, sealed: false };
      this.#batches.push(batch);
    }
    const entry = { number: ++this.#count, fact, size, shown: false };
    batch.entries.push(entry);
    batch.size += size;
    this.#size += size;
    return entry;
  }

  /**
   * This process has said `count` facts before, in a life of this room that it has forgotten: ours,
   * none of which has been sent yet, are counted on from there.
   */
  startAfter(count: number): void {
    this.#count += count;
    for (const entry of this.entries) entry.number += count;
  }

  /** The next batch to send in this session. */
  next(): Batch | undefined {
    const batch = this.#batches.find(({ sent }) => sent === undefined);
    if (!batch) return undefined;
    batch.sealed = true;
    batch.sent = performance.now();
    return batch;
  }

  /** A new session: nothing has been sent in it yet. */
  rewind(): void {
    for (const batch of this.#batches) batch.sent = undefined;
  }

  /**
   * The batch that begins with this number has come back, if it is one that was sent: it is done.
   */
  heard(number: number): Batch | undefined {
    const index = this.#batches.findIndex(({ entries, sealed }) =>
      sealed && entries[0]!.number === number
    );
    if (index < 0) return undefined;
    const [batch] = this.#batches.splice(index, 1);
    this.#size -= batch!.size;
    this.#recent.push({ batch: batch!, at: performance.now() });
    if (this.#recent.length > RECENT) this.#recent.shift();
    return batch;
  }

  /**
   * The order has lost its end: what had come back lately may be missing there, and waits to be
   * heard, or sent, again.
   */
  restore(): void {
    const since = performance.now() - RECENTLY;
    const lately = this.#recent.splice(0).filter(({ at }) => at > since).map(({ batch }) => batch);
    for (const { size } of lately) this.#size += size;
    this.#batches.unshift(...lately);
  }
}
