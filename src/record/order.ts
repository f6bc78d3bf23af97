/**
 * The order between the connections of a recording, where no times keep it: what one of them sends
 * may follow from what another one has received.
 */
import { onAbort } from "../core/abort.ts";
import { Notifier } from "../core/notifier.ts";
import type { RecordedEvent, Side } from "./event.ts";
import { isStepOf } from "./script.ts";

/** Something recorded: that a connection had taken so many steps, and received so much. */
interface Mark {
  readonly id: number;
  readonly steps: number;
  /** Bytes of a stream, or messages. */
  readonly received: number;
}

/** What a connection has done by now. */
interface Progress {
  steps: number;
  received: number;
  isOver: boolean;
}

/** What one connection tells of itself, and waits for. */
export interface Turns {
  /** Whether a step waits for other connections. */
  readonly isWaiting: boolean;
  /**
   * To be called when the connection has received all that it waits for itself. Resolves once all
   * that was recorded before its next step has happened on others, except on those that are over.
   * Rejects with the signal's reason when it aborts.
   */
  next(signal: AbortSignal): Promise<void>;
  /** Tells that a step is done. */
  stepped(): void;
  /** Tells how many bytes or messages have been received. */
  received(total: number): void;
  /** Tells that nothing more will happen. */
  over(): void;
}

export class Order {
  readonly #marks: readonly Mark[];
  /** Where in `#marks` the steps of each connection are. */
  readonly #steps = new Map<number, number[]>();
  readonly #progress = new Map<number, Progress>();
  /** The first of `#marks` that isn't reached yet. */
  #next = 0;
  readonly #changed = new Notifier();

  /** @param side The side that is played. */
  constructor(events: readonly RecordedEvent[], side: Side) {
    const sofar = new Map<number, Mark>();
    this.#marks = events.map((event, place) => {
      const { id } = event;
      let { steps, received } = sofar.get(id) ?? { steps: 0, received: 0 };
      if (!this.#steps.has(id)) this.#steps.set(id, []);
      if (isStepOf(event, side)) {
        steps++;
        this.#steps.get(id)!.push(place);
      } else if (event.event === "data") received += event.payload.data.length;
      else if (event.event === "message") received++;
      const mark = { id, steps, received };
      sofar.set(id, mark);
      return mark;
    });
  }

  /** The turns of one connection. */
  of(id: number): Turns {
    const progress: Progress = { steps: 0, received: 0, isOver: false };
    this.#progress.set(id, progress);
    const tell = (change: Partial<Progress>) => {
      Object.assign(progress, change);
      this.#advance();
    };
    const received = (total: number) => tell({ received: Math.max(total, progress.received) });
    let isWaiting = false;
    return {
      get isWaiting() {
        return isWaiting;
      },
      next: async (signal) => {
        const place = this.#steps.get(id)?.[progress.steps] ?? 0;
        // What its peer hasn't sent it by now won't come.
        received(this.#marks[place]?.received ?? 0);
        isWaiting = true;
        await this.#reached(place, signal);
        isWaiting = false;
      },
      stepped: () => tell({ steps: progress.steps + 1 }),
      received,
      over: () => tell({ isOver: true }),
    };
  }

  /** Waits until everything before `place` has happened. */
  async #reached(place: number, signal: AbortSignal): Promise<void> {
    using _ = onAbort(signal, () => this.#changed.notify());
    this.#advance();
    for (;;) {
      signal.throwIfAborted();
      if (this.#next >= place) return;
      await this.#changed.wait();
    }
  }

  #advance(): void {
    const before = this.#next;
    while (this.#next < this.#marks.length && this.#isReached(this.#marks[this.#next]!)) {
      this.#next++;
    }
    if (this.#next > before) this.#changed.notify();
  }

  #isReached({ id, steps, received }: Mark): boolean {
    const now = this.#progress.get(id);
    return now !== undefined && (now.isOver || (now.steps >= steps && now.received >= received));
  }
}
