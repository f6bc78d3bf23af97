/**
 * One direction of two joined connections, from the source's first byte to the sink's FIN.
 *
 *     source ──read──▶ pump ──write──▶ sink
 *        │                               │
 *        │ EOF: closeWrite on the sink   │ readerGone: the sink takes nothing more
 *        ▼                               ▼
 *     delivered                       drop what the source still sends
 *
 * A source that is still sending must be read to its EOF even when nobody wants its bytes: closing
 * a socket with unread input resets it, and a reset takes back the answer that its peer has not
 * read yet (RFC 9293 §3.6.1, RFC 2525 §2.17).
 */
import { type Channel, type Connection, type Duplex, isWebSocket, type Message } from "./duplex.ts";
import { CloseError, CommandError, ReaderGoneError } from "./errors.ts";
import { gather } from "./gather.ts";
import { forward, pump, SinkError } from "./pump.ts";
import { settledWithin, sleep } from "./time.ts";

/** Two connections of the same kind; `frame` makes a stream one of messages. */
export type Pair = readonly [Duplex, Duplex] | readonly [Channel, Channel];

type Writer = Pick<Duplex, "write"> | Pick<Channel, "send" | "queues">;

/** How long a source may be silent after it has received our FIN, milliseconds. */
const SILENCE_AFTER_FIN = 2000;

/**
 * Carries all that `source` sends to `sink`, then closes the sink's write side. Rejects as the
 * source does, or with a `SinkError`.
 */
export function transfer(pair: Pair): Promise<void> {
  return carryAll(pair).then(() => pair[1].closeWrite().catch(rethrowAsSinkError));
}

function carryAll([source, sink]: Pair, writer?: Writer): Promise<void> {
  if (source.framing === "message") return forward(source, (writer ?? sink) as Channel);
  // Where the sink's reader can go, `#drop` reads the source next: no read may be pending then.
  const carry = (sink as Duplex).gathers && !sink.readerGone ? gather : pump;
  return carry(source, (writer ?? sink) as Duplex);
}

function rethrowAsSinkError(error: Error): never {
  throw new SinkError(error);
}

export class Direction {
  /** Settles at the source's EOF, or when there is no reader left to carry anything to. */
  readonly over: Promise<void>;
  /** Whether the source's EOF has been passed on, after all of its bytes. */
  delivered = false;
  /** The other direction of the same pair. */
  opposite: Direction | undefined;
  /** Reads and drops what comes for a sink whose peer has closed, up to the source's EOF. */
  drained: Promise<void> | undefined;
  #dropped = 0;
  /** The latest message of a source that can be cut short; settles when it is sent. */
  #sending: Promise<void> | undefined;

  /** Without a frame of its own, which would cost memory on each idle connection. */
  constructor(private readonly pair: Pair) {
    const [source] = pair;
    const passEof = () =>
      isWebSocket(source) && source.peerClose ? this.#passClose() : this.#closeSink();
    this.over = carryAll(pair, this.#writer()).then(passEof)
      .catch((error) => this.#failed(error));
  }

  #writer(): Writer | undefined {
    const [source, sink] = this.pair;
    if (sink.readerGone) return untilReaderGone(sink, sink.readerGone);
    if (!canBeCutShort(source, sink)) return undefined;
    const send = (message: Message) => this.#sending = sink.send(message);
    return { send, queues: sink.queues };
  }

  /**
   * Closes the sink's write side. A WebSocket whose peer has closed takes nothing more, so a stream
   * that is still sending to it is to see a reset: after a FIN it could leave, and believe that all
   * it has sent was taken.
   */
  async #passClose(): Promise<void> {
    if (!await this.opposite?.isCutShort()) await this.#closeSink();
  }

  #closeSink(): Promise<void> {
    return this.pair[1].closeWrite().then(() => void (this.delivered = true), rethrowAsSinkError);
  }

  /** Whether the sink doesn't take what the source has sent by now, which is read meanwhile. */
  async isCutShort(): Promise<boolean> {
    const [source, sink] = this.pair;
    if (!canBeCutShort(source, sink)) return false;
    let sent: Promise<void> | undefined;
    do {
      sent = this.#sending;
      try {
        await sent;
      } catch {
        return true;
      }
      await sleep(0);
    } while (sent !== this.#sending);
    return false;
  }

  async #failed(error: unknown): Promise<void> {
    // The source's `closed` rejects with it again, once all that it sent has been delivered.
    if (error instanceof CommandError) return await this.pair[1].closeWrite();
    // Its Close is passed on behind what came before, whatever its code.
    if (error instanceof CloseError && error.isWhole) {
      await this.pair[1].closeWrite().catch(() => {});
    }
    if (!(error instanceof SinkError && error.failure instanceof ReaderGoneError)) throw error;
    this.#dropped++;
    const dropping = this.#drop();
    if (this.pair[1].readerGone) await dropping;
    else this.drained = dropping.catch(() => {});
  }

  /** Reads the source to its EOF, and drops what it sends: it may not read before it is done. */
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

  /** Messages, or reads, that there was no reader for. */
  get dropped(): number {
    return this.#dropped;
  }

  /**
   * Resolves when this direction need not be waited for any more: the sink's reader is gone, the
   * `opposite` direction is over, and the source has had time to reach its EOF. Undefined where a
   * sink never tells that its reader is gone.
   */
  abandoned(opposite: Direction): Promise<void> | undefined {
    const { readerGone } = this.pair[1];
    return readerGone && this.#abandoned(readerGone, opposite);
  }

  async #abandoned(readerGone: Promise<void>, opposite: Direction): Promise<void> {
    const [source] = this.pair;
    await readerGone;
    await opposite.over;
    if (source.own || !source.halfClose) return;
    let dropped: number;
    do {
      dropped = this.#dropped;
      await settledWithin(this.over, SILENCE_AFTER_FIN);
    } while (dropped !== this.#dropped);
  }
}

/** Whether the source is a stream that can be told that the sink, a WebSocket, took no more. */
function canBeCutShort(source: Connection, sink: Connection): sink is Channel {
  return source.showsReset === true && !isWebSocket(source) && isWebSocket(sink);
}

/** Writes to `sink` until its reader is gone; a write that is pending then rejects at once. */
function untilReaderGone(sink: Duplex | Channel, readerGone: Promise<void>): Writer {
  let gone = false;
  let rejectPending = () => {};
  readerGone.then(() => {
    gone = true;
    rejectPending();
  });
  const unlessGone = (work: Promise<void>) =>
    new Promise<void>((resolve, reject) => {
      rejectPending = () => reject(new ReaderGoneError(sink.peer));
      work.then(resolve, reject);
      if (gone) rejectPending();
    });
  return {
    write: (bytes) => unlessGone((sink as Duplex).write(bytes)),
    send: (message) => unlessGone((sink as Channel).send(message)),
  };
}
