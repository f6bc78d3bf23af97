/**
 * Deadlines that don't expire wrongly. After the program was suspended or busy, its timers are over
 * while input that arrived in time is still unread. So an expired deadline first lets the event
 * loop deliver that input, which may cancel it.
 *
 * A cancelled timer of the runtime stays in memory until the next full garbage collection, with its
 * callback. Here deadlines of equal length share a queue and one timer, and a cancelled one is
 * freed at once.
 */

import { LinkedList } from "./linked_list.ts";
import { timerLength } from "./timer.ts";

let keepsIdleTimers = false;

/**
 * Leaves the timer of a queue that has become empty to the next deadline: stopping one and starting
 * another costs more than all the rest of a deadline. It keeps the event loop alive until it is
 * over, so this is for a program that exits by itself.
 */
export function keepIdleTimers(): void {
  keepsIdleTimers = true;
}

/** Time for the event loop to deliver pending input, milliseconds. */
const INPUT_TIME = 10;
/** Late turns of the event loop in a row after which a deadline expires all the same. */
const MAX_LATE_TURNS = 20;

interface Deadline {
  /** When it expires, in milliseconds of `performance.now()`. */
  readonly due: number;
  readonly expire: () => void;
}

/**
 * Calls `expire` when `ms` milliseconds have passed and input that arrived by then has been read.
 * Returns a function that cancels it.
 */
export function deadline(ms: number, expire: () => void): () => void {
  let cancel = alarm(ms, () => cancel = afterPendingInput(expire));
  return () => cancel();
}

/**
 * Calls `judge` once all pending input has been read, which is after a turn of the event loop that
 * came on time. Returns a function that cancels it.
 */
export function afterPendingInput(judge: () => void, left = MAX_LATE_TURNS): () => void {
  const due = performance.now() + INPUT_TIME;
  let cancel = alarm(INPUT_TIME, () => {
    if (left > 0 && performance.now() - due > INPUT_TIME) {
      cancel = afterPendingInput(judge, left - 1);
    } else judge();
  });
  return () => cancel();
}

/** Calls `expire` after `ms` milliseconds. Returns a function that cancels it. */
function alarm(ms: number, expire: () => void): () => void {
  let queue = queues.get(ms);
  if (!queue) queues.set(ms, queue = new DeadlineQueue(ms));
  return queue.add(expire);
}

/** Queues by the length of their deadlines, milliseconds. */
const queues = new Map<number, DeadlineQueue>();

class DeadlineQueue {
  /** In the order of `due`, since all are equally long. */
  readonly #waiting = new LinkedList<Deadline>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly ms: number) {}

  add(expire: () => void): () => void {
    const place = this.#waiting.add({ due: performance.now() + this.ms, expire });
    this.#timer ??= setTimeout(() => this.#expire(), timerLength(this.ms));
    return () => {
      if (place.remove()) this.#tidy();
    };
  }

  #expire(): void {
    const now = performance.now();
    this.#timer = undefined;
    // One that expires may cancel others, and add new ones, which aren't due.
    for (let first; (first = this.#waiting.first) && first.item!.due <= now;) {
      const { expire } = first.item!;
      first.remove();
      expire();
    }
    const next = this.#waiting.first?.item;
    if (!next) return this.#tidy();
    const left = timerLength(next.due - performance.now());
    this.#timer ??= setTimeout(() => this.#expire(), left);
  }

  /** Removes an empty queue, and its timer. */
  #tidy(): void {
    if (this.#waiting.length > 0 || (keepsIdleTimers && this.#timer !== undefined)) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    // What has expired may have begun another queue, after it had cancelled the last one here.
    if (queues.get(this.ms) === this) queues.delete(this.ms);
  }
}
