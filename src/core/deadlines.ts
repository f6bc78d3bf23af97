/**
 * Deadlines that are rarely missed, and just. A program that was suspended, or too busy, finds its
 * timers over and what came in time still unread: so a deadline that has come looks first. Whatever
 * is waiting by then is delivered, which may cancel it.
 *
 * A timer of the runtime that has been cancelled stays in memory until the next full garbage
 * collection, and so does whatever it would have called. Here those that wait equally long stand in
 * one queue and share one timer, and what is cancelled is gone.
 */

/** Time to read what is waiting and to see what it means, milliseconds. */
const LOOK = 10;
/** Looks in a row that may come too late themselves before one counts in spite of it. */
const LOOKS = 20;

/** Someone who waits. */
interface Wait {
  /** When time is up, in milliseconds of `performance.now()`. */
  readonly end: number;
  readonly expire: () => void;
}

/**
 * Calls `expire` when `ms` milliseconds have passed and what had come by then has been read, unless
 * what it returns is called before.
 */
export function deadline(ms: number, expire: () => void): () => void {
  let cancel = alarm(ms, () => cancel = look(expire));
  return () => cancel();
}

/**
 * Calls `judge` once all that was waiting has been read: a turn of the event loop that came on time
 * was not suspended. What it returns cancels it.
 */
export function look(judge: () => void, left = LOOKS): () => void {
  const due = performance.now() + LOOK;
  let cancel = alarm(LOOK, () => {
    if (left > 0 && performance.now() - due > LOOK) cancel = look(judge, left - 1);
    else judge();
  });
  return () => cancel();
}

/** Calls `expire` after `ms` milliseconds, unless what it returns is called before. */
function alarm(ms: number, expire: () => void): () => void {
  let queue = queues.get(ms);
  if (!queue) queues.set(ms, queue = new DeadlineQueue(ms));
  return queue.add(expire);
}

/** Who waits, by how long. */
const queues = new Map<number, DeadlineQueue>();

class DeadlineQueue {
  /** In the order of their ends, since all wait equally long. */
  readonly #waiting = new Set<Wait>();
  #timer: number | undefined;

  constructor(private readonly ms: number) {}

  add(expire: () => void): () => void {
    const wait = { end: performance.now() + this.ms, expire };
    this.#waiting.add(wait);
    this.#timer ??= setTimeout(() => this.#expire(), this.ms);
    return () => {
      if (this.#waiting.delete(wait)) this.#tidy();
    };
  }

  #expire(): void {
    const now = performance.now();
    const late: Wait[] = [];
    this.#timer = undefined;
    for (const wait of this.#waiting) {
      if (wait.end > now) {
        this.#timer = setTimeout(() => this.#expire(), wait.end - now);
        break;
      }
      this.#waiting.delete(wait);
      late.push(wait);
    }
    this.#tidy();
    for (const { expire } of late) expire();
  }

  /** Where nobody waits, nothing keeps the program from ending. */
  #tidy(): void {
    if (this.#waiting.size > 0) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    queues.delete(this.ms);
  }
}
