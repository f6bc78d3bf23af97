/**
 * Searches for regular expressions in a thread of its own. Nothing else interrupts a search, and
 * with repetitions within repetitions, such as `(x+)+y`, its time doubles with each character.
 */
import { onAbort } from "../core/abort.ts";
import { deadline } from "../core/deadlines.ts";
import { sleep } from "../core/time.ts";

/** What to look for and where, as it is sent to the thread. */
export interface Search {
  readonly source: string;
  /** With `g`: only then does a search begin at `from`. */
  readonly flags: string;
  readonly text: string;
  readonly from: number;
}

/** The thread's program; it stands in its URL, so that no file belongs to it. */
const PROGRAM = `data:text/javascript,${
  encodeURIComponent(`onmessage = ({ data: { source, flags, text, from } }) => {
    const pattern = new RegExp(source, flags);
    pattern.lastIndex = from;
    try {
      postMessage(pattern.test(text));
    } catch {
      postMessage("out of memory");
    }
  };`)
}`;

/** Time after which a search is slow, milliseconds. */
const SLOW = 2000;
/** Wait before the next look for room for a thread, milliseconds, and the most looks. */
const ROOM_WAIT = 50;
const MOST_LOOKS = 100;

export interface SearcherOptions {
  /** Called while a search takes longer than others, perhaps for ever. */
  readonly slow: (search: Search, seconds: number) => void;
  /** Whether a thread can be started: without descriptors the runtime would end the process. */
  readonly hasRoom: () => boolean;
}

/** One thread, which is started for the first search; the next one waits for its turn. */
export class Searcher implements Disposable {
  #worker: Worker | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: SearcherOptions) {}

  /**
   * Whether there is a match; false once `signal` aborts, which ends the search. Rejects where
   * there isn't enough memory for it, or no descriptor for long.
   */
  find(search: Search, signal: AbortSignal): Promise<boolean> {
    const found = this.#last.then(() => !signal.aborted && this.#find(search, signal));
    this.#last = found.catch(() => {});
    return found;
  }

  async #find(search: Search, signal: AbortSignal): Promise<boolean> {
    const { promise, resolve, reject } = Promise.withResolvers<boolean>();
    await this.#room(signal);
    if (signal.aborted) return false;
    const worker = this.#worker ??= new Worker(PROGRAM, { type: "module" });
    worker.onmessage = ({ data }) => {
      if (typeof data === "boolean") resolve(data);
      else reject(new Error("the search takes too much memory"));
    };
    using _ending = onAbort(signal, () => {
      this[Symbol.dispose]();
      resolve(false);
    });
    const stopClock = deadline(SLOW, () => this.options.slow(search, SLOW / 1000));
    worker.postMessage(search);
    return await promise.finally(stopClock);
  }

  /** Waits for room for the thread, unless there is one. */
  async #room(signal: AbortSignal): Promise<void> {
    for (let looks = 0; !this.#worker && !this.options.hasRoom() && !signal.aborted; looks++) {
      if (looks === MOST_LOOKS) throw new Error("too many open files for a search");
      await sleep(ROOM_WAIT);
    }
  }

  /** Ends the thread, also in the midst of a search. */
  [Symbol.dispose](): void {
    this.#worker?.terminate();
    this.#worker = undefined;
  }
}
