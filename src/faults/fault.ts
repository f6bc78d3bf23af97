/** The base of every fault: one place on the way of what is sent to a connection. */
import type { Connection, Message } from "../core/duplex.ts";
import { startTimer } from "../core/timer.ts";
import type { Random } from "./random.ts";
import type { Attributes } from "./toxic.ts";

/** Bytes of a stream, or one message. Valid until `put` resolves. */
export type Piece = Message;

/** Where pieces go, one call at a time. */
export interface Sink {
  /** Resolves when the piece has been taken: awaiting it is the back-pressure. */
  put(piece: Piece): Promise<void>;
  /** Passes EOF on. Resolves once the connection has taken it, after all pieces. */
  end(): Promise<void>;
}

/** What a fault knows of the place where it acts. */
export interface Place<A extends Attributes = Attributes> {
  /** As they are now. */
  readonly attributes: A;
  /** Whether the toxic has been removed: what waits is to be passed on at once. */
  readonly isRemoved: boolean;
  /** Whether the connection is over, with the error that what waits is rejected with. */
  readonly closed: Error | undefined;
  /** What is sent to; a fault looks at it, and writes to `next` only. */
  readonly connection: Pick<Connection, "peer" | "framing">;
  /** When the connection was attached, in milliseconds of `performance.now()`. */
  readonly opened: number;
  /** Chance, repeatable by the seed. */
  readonly random: Random;
  /** The next fault, or the connection. */
  readonly next: Sink;
  /** Reports what was done, as an event of the log. */
  emit(text: string): void;
  /** Reports how many pieces waited in vain, whose senders don't know. */
  lost(count: number): void;
  /** Ends both connections of the pair at once; returns the error that they are closed with. */
  cut(text: string, options?: { reset: boolean }): Error;
}

/** A timer that is later than this, milliseconds, shows that the process was suspended or busy. */
const LATE = 10;

/** A fault that passes everything on. Subclasses override what they disturb. */
export class Fault<A extends Attributes = Attributes> implements Sink {
  /** Each ends a sleep. */
  readonly #sleeps = new Set<() => void>();

  /** How often attributes have changed, or the toxic was removed. */
  protected changes = 0;

  constructor(protected readonly place: Place<A>) {}

  put(piece: Piece): Promise<void> {
    return this.place.next.put(piece);
  }

  end(): Promise<void> {
    return this.place.next.end();
  }

  /** Whether nothing waits inside, besides calls of `put` and `end` that are under way. */
  get isEmpty(): boolean {
    return true;
  }

  /** Runs when attributes have changed, or the toxic has been removed: wakes what waits. */
  changed(): void {
    this.changes++;
    for (const wake of this.#sleeps) wake();
  }

  /** Runs when the connection is over: no timer may be left. */
  close(): void {
    for (const wake of this.#sleeps) wake();
  }

  /**
   * Waits until the time that `due` returns (of `performance.now()`), asked again at each change;
   * no longer than until the toxic is removed. Rejects when the connection is over.
   */
  protected async until(due: () => number): Promise<void> {
    for (;;) {
      if (this.place.closed) throw this.place.closed;
      const ms = due() - performance.now();
      if (ms <= 0 || this.place.isRemoved) return;
      await this.sleep(ms);
    }
  }

  /**
   * Acts once the time that `due` returns has come, asked again at each change; never after the
   * toxic was removed, or the connection is over.
   */
  protected async alarm(due: () => number, act: () => void): Promise<void> {
    for (;;) {
      await this.until(due).catch(() => {});
      // After a suspension of the process, input that came in time is still to be read.
      if (!this.#isOver && performance.now() - due() > LATE) await this.sleep(LATE);
      if (this.#isOver) return;
      if (due() <= performance.now()) return act();
    }
  }

  get #isOver(): boolean {
    return this.place.isRemoved || this.place.closed !== undefined;
  }

  /** Resolves after `ms` milliseconds (never early), at a change, or with the connection's end. */
  protected async sleep(ms: number): Promise<void> {
    if (this.place.closed) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#sleeps.add(resolve);
    const cancel = startTimer(Math.ceil(ms), resolve);
    await promise;
    cancel();
    this.#sleeps.delete(resolve);
  }
}
