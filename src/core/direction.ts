/** One direction of two joined ends, and what becomes of it when its sink wants no more. */
import type { Channel, Duplex } from "./duplex.ts";
import { CommandError, EnoughError } from "./errors.ts";
import { forward, pump, SinkError } from "./pump.ts";
import { settledWithin } from "./time.ts";

/** Two ends of the same kind; `frame` makes a stream one of messages. */
export type Pair = readonly [Duplex, Duplex] | readonly [Channel, Channel];

type Take = Pick<Duplex, "write"> & Pick<Channel, "send">;

/**
 * A peer that has heard our end, and is silent for this long, has no more to send, milliseconds.
 */
const QUIET = 2000;

/** Carries all that `source` says to `sink` (by `take`), and the source's end after it. */
export function transfer([source, sink]: Pair, take?: Take): Promise<void> {
  const carried = source.framing === "stream"
    ? pump(source, take ?? sink as Duplex)
    : forward(source, take ?? sink as Channel);
  return carried.then(() => sink.closeWrite().catch(failing));
}

function failing(error: Error): never {
  throw new SinkError(error);
}

export class Direction {
  /** Settles with the source's end, or when there is nobody left to carry anything to. */
  readonly over: Promise<void>;
  /** The source's end has been passed on, and nothing failed. */
  ended = false;
  #dropped = 0;

  constructor(private readonly pair: Pair) {
    this.over = this.#run();
  }

  async #run(): Promise<void> {
    const sink = this.pair[1];
    try {
      await transfer(this.pair, sink.enough && untilEnough(sink, sink.enough));
      this.ended = true;
    } catch (error) {
      // Its `closed` says so again, once all that it said has been delivered.
      if (error instanceof CommandError) return await sink.closeWrite();
      if (!(error instanceof SinkError && error.failure instanceof EnoughError)) throw error;
      await this.#drop();
    }
  }

  /** A peer that is still sending may not listen to the answer before it is done. */
  async #drop(): Promise<void> {
    const [source] = this.pair;
    if (source.own) return;
    const drop = () => {
      this.#dropped++;
      return Promise.resolve();
    };
    if (source.framing === "stream") await pump(source, { write: drop });
    else await forward(source, { send: drop });
  }

  /**
   * Resolves when the sink wants no more and the direction `back` is over: nothing is left to be
   * said then. Nothing where a sink never says that it has had enough. A peer that has heard our
   * end (FIN) may come to its own first: a close while it is still sending resets it, which takes
   * back what it hasn't read yet (RFC 9293 §3.6.1).
   */
  pointless(back: Direction): Promise<void> | undefined {
    const { enough } = this.pair[1];
    return enough && this.#pointless(enough, back);
  }

  async #pointless(enough: Promise<void>, back: Direction): Promise<void> {
    const [source] = this.pair;
    await enough;
    await back.over;
    if (source.own || !source.halfClose) return;
    let dropped: number;
    do {
      dropped = this.#dropped;
      await settledWithin(this.over, QUIET);
    } while (dropped !== this.#dropped);
  }
}

/** Hands on to `sink`, whose writes may stay pending long after it has had enough. */
function untilEnough(sink: Duplex | Channel, enough: Promise<void>): Take {
  let had = false;
  let letGo = () => {};
  enough.then(() => {
    had = true;
    letGo();
  });
  const handing = (work: Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      letGo = () => reject(new EnoughError(sink.peer));
      work.then(resolve, reject);
      if (had) letGo();
    });
  return {
    write: (bytes) => handing((sink as Duplex).write(bytes)),
    send: (message) => handing((sink as Channel).send(message)),
  };
}
