/**
 * Queues this process's facts until the stream has delivered them back. Facts are sent in batches,
 * one at a time, so that none overtakes another. A batch that may have been lost is sent again
 * unchanged, so that the server recognizes a duplicate.
 */
import type { Fact } from "./facts.ts";

/** Capacity, characters of facts as JSON. */
export const OUTBOX_LIMIT = 4 * 1024 * 1024;
/** Most characters of a batch with several facts; a NATS message has at most 1 MiB. */
const BATCH_LIMIT = 32 * 1024;
/** How many acknowledged batches are kept, and for how long, milliseconds. */
const RECENT_BATCHES = 256;
const RECENT_TIME = 30_000;

/** A fact with its number, which counts this process's facts in this room from 1. */
interface OutboxEntry {
  number: number;
  readonly fact: Fact;
  readonly size: number;
  /** Whether the room has seen it already, provisionally. */
  shown: boolean;
}

/** Facts that are sent together, numbered in order. */
export interface Batch {
  readonly entries: OutboxEntry[];
  size: number;
  /** Whether it has been sent before and must not change any more. */
  sealed: boolean;
  /** Whether the stream has delivered it: the room has seen it then, also if it is sent again. */
  delivered: boolean;
  /** When it was sent in this session, in milliseconds of `performance.now()`. */
  sentAt?: number;
}

export class Outbox {
  readonly #batches: Batch[] = [];
  /** The latest acknowledged batches. */
  readonly #recent: { readonly batch: Batch; readonly at: number }[] = [];
  #size = 0;
  #lastNumber = 0;

  /** Whether more than half of the capacity is used. */
  get congested(): boolean {
    return this.#size > OUTBOX_LIMIT / 2;
  }

  /** When the oldest unacknowledged batch was sent; Infinity if there is none. */
  get oldestSentAt(): number {
    return this.#batches.find(({ sentAt }) => sentAt !== undefined)?.sentAt ?? Infinity;
  }

  get empty(): boolean {
    return this.#batches.length === 0;
  }

  /** All facts, oldest first. */
  get entries(): OutboxEntry[] {
    return this.#batches.flatMap(({ entries }) => entries);
  }

  /** The facts that the stream has never delivered, oldest first. */
  get undelivered(): OutboxEntry[] {
    return this.#batches.filter(({ delivered }) => !delivered).flatMap(({ entries }) => entries);
  }

  /** Queues a fact; undefined if there is no capacity. */
  add(fact: Fact): OutboxEntry | undefined {
    const size = JSON.stringify(fact).length;
    if (this.#size + size > OUTBOX_LIMIT) return undefined;
    let batch = this.#batches.at(-1);
    if (!batch || batch.sealed || batch.size + size > BATCH_LIMIT) {
      batch = { entries: [], size: 0, sealed: false, delivered: false };
      this.#batches.push(batch);
    }
    const entry = { number: ++this.#lastNumber, fact, size, shown: false };
    batch.entries.push(entry);
    batch.size += size;
    this.#size += size;
    return entry;
  }

  /**
   * Renumbers the facts, none of which has been sent yet, to follow number `count`: this process
   * had the room open before, and sent `count` facts then.
   */
  continueFrom(count: number): void {
    this.#lastNumber += count;
    for (const entry of this.entries) entry.number += count;
  }

  /** The next batch to send in this session, marked as sent. */
  next(): Batch | undefined {
    const batch = this.#batches.find(({ sentAt }) => sentAt === undefined);
    if (!batch) return undefined;
    batch.sealed = true;
    batch.sentAt = performance.now();
    return batch;
  }

  /** Marks all batches as not sent, for a new session. */
  resetSent(): void {
    for (const batch of this.#batches) batch.sentAt = undefined;
  }

  /** Removes the sent batch that begins with `number`: the stream has delivered it. */
  acknowledge(number: number): Batch | undefined {
    const index = this.#batches.findIndex(({ entries, sealed }) =>
      sealed && entries[0]!.number === number
    );
    if (index < 0) return undefined;
    const [batch] = this.#batches.splice(index, 1);
    batch!.delivered = true;
    this.#size -= batch!.size;
    this.#recent.push({ batch: batch!, at: performance.now() });
    if (this.#recent.length > RECENT_BATCHES) this.#recent.shift();
    return batch;
  }

  /**
   * Queues the latest acknowledged batches again, in the order of their numbers: the stream may
   * have lost them.
   */
  requeueRecent(): void {
    const since = performance.now() - RECENT_TIME;
    const recent = this.#recent.splice(0).filter(({ at }) => at > since).map(({ batch }) => batch);
    for (const { size } of recent) this.#size += size;
    this.#batches.push(...recent);
    this.#batches.sort((a, b) => a.entries[0]!.number - b.entries[0]!.number);
  }
}
