/** The faults of one direction of one connection, which come and go while bytes pass. */
import type { Connection } from "../core/duplex.ts";
import { BrokenError, FaultError } from "../core/errors.ts";
import { ResetFaultError } from "../core/resets.ts";
import type { Fault, Piece, Place, Sink } from "./fault.ts";
import { type Random, randomFor } from "./random.ts";
import type { Attributes, Stream, ToxicType } from "./toxic.ts";
import { TYPES } from "./types.ts";

/**
 * Reports an injected fault: its kind (`latency`, `drop`), and what was done.
 * @param again Whether it happens to every piece, and this isn't the first of its direction.
 */
export type Emit = (kind: string, text: string, again: boolean) => void;

/** Which direction of which connection it is. */
interface ChainOptions {
  readonly seed: number;
  readonly id: number;
  readonly stream: Stream;
  readonly emit: Emit;
  /** Hears how many pieces a fault had taken and couldn't deliver. */
  readonly lost: (count: number) => void;
}

/** What one toxic draws: the number that its toxicity is compared to, then its fault's own. */
interface Chances {
  readonly drawn: number;
  readonly random: Random;
}

/** A toxic as all connections share it. */
export interface Toxic {
  readonly name: string;
  readonly type: ToxicType;
  readonly kind: string;
  /** Its place among all; later ones act later. */
  readonly order: number;
  toxicity: number;
  attributes: Attributes;
}

/**
 * What is written passes the faults one after the other, each in its own time. A removed one stays
 * until nothing waits in it. A fault has one write to the next under way at most, so that one can
 * be put between any two.
 */
export class Chain implements Sink {
  #links: Link[] = [];
  #first: Sink;
  /** By the toxics' names. */
  #chances: Map<string, Chances> | undefined;
  /** The kinds of faults that have been told. */
  #told: Set<string> | undefined;
  readonly opened = performance.now();
  /** True where there was no reason: an error costs time, and few are looked at. */
  #closed: Error | true | undefined;

  constructor(
    readonly connection: Connection,
    private readonly sink: Sink,
    readonly options: ChainOptions,
  ) {
    this.#first = sink;
  }

  /** What waits is rejected with it, once the connection is over. */
  get closed(): Error | undefined {
    if (this.#closed === true) {
      this.#closed = new BrokenError("send to", this.connection.peer, "already closed");
    }
    return this.#closed;
  }

  put(piece: Piece): Promise<void> {
    return this.#first.put(piece);
  }

  end(): Promise<void> {
    return this.#first.end();
  }

  /** Names of the toxics that act. */
  get drawn(): string[] {
    return this.#links.filter(({ isRemoved }) => !isRemoved).map(({ toxic }) => toxic.name);
  }

  /** Lets a new or changed toxic act if this direction has drawn it, and else no more. */
  apply(toxic: Toxic): void {
    if (this.#closed) return;
    const link = this.#links.find((link) => link.toxic === toxic && !link.isRemoved);
    const acts = this.#chancesOf(toxic).drawn < toxic.toxicity;
    if (link && !acts) link.remove();
    if (link || !acts) return;
    const added = new Link(this, toxic, this.#chancesOf(toxic).random);
    const index = this.#links.findIndex((other) => other.toxic.order >= toxic.order);
    this.#links.splice(index < 0 ? this.#links.length : index, 0, added);
    this.#connect();
  }

  /** Tells the toxic's fault that its attributes are others. */
  changed(toxic: Toxic): void {
    for (const link of this.#links) if (link.toxic === toxic) link.fault.changed();
  }

  remove(toxic: Toxic): void {
    for (const link of this.#links.slice()) if (link.toxic === toxic) link.remove();
    this.#chances?.delete(toxic.name);
  }

  /** Rejects what waits, and ends all timers. */
  close(reason?: Error): void {
    if (this.#closed) return;
    this.#closed = reason ?? true;
    for (const { fault } of this.#links) fault.close();
  }

  /** Leaves out a link that is removed and empty. */
  skip(link: Link): void {
    this.#links = this.#links.filter((other) => other !== link);
    this.#connect();
  }

  emit(kind: string, text: string, continual: boolean): void {
    this.options.emit(kind, text, continual && this.#told?.has(kind) === true);
    this.#told = (this.#told ?? new Set()).add(kind);
  }

  /** Ends both connections of the pair: whoever reads or writes this one gets the error. */
  cut(kind: string, done: string, reset: boolean): Error {
    if (this.closed) return this.closed;
    const { peer, showsReset } = this.connection;
    const note = reset && !showsReset
      ? "; no reset can be sent there, the peer sees a plain end"
      : "";
    const text = done + note;
    this.emit(kind, text, false);
    const error = new (reset ? ResetFaultError : FaultError)(
      kind,
      peer,
      `fault injected: ${text}`,
    );
    this.close(error);
    this.connection.close(error);
    return error;
  }

  #chancesOf({ name }: Toxic): Chances {
    const known = this.#chances?.get(name);
    if (known) return known;
    const { seed, id, stream } = this.options;
    const random = randomFor(seed, id, stream, name);
    const chances = { drawn: random(), random };
    this.#chances = (this.#chances ?? new Map<string, Chances>()).set(name, chances);
    return chances;
  }

  #connect(): void {
    this.#links.forEach((link, i) => link.next = this.#links[i + 1] ?? this.sink);
    this.#first = this.#links[0] ?? this.sink;
  }
}

/** One fault in its place. */
class Link implements Sink, Place {
  next!: Sink;
  isRemoved = false;
  readonly fault: Fault;
  readonly connection: Connection;
  /** Calls of `put` and `end` that are under way. */
  #calls = 0;

  constructor(private readonly chain: Chain, readonly toxic: Toxic, readonly random: Random) {
    this.connection = chain.connection;
    this.fault = new TYPES[toxic.type].Fault(this);
  }

  get attributes(): Attributes {
    return this.toxic.attributes;
  }

  get closed(): Error | undefined {
    return this.chain.closed;
  }

  get opened(): number {
    return this.chain.opened;
  }

  put(piece: Piece): Promise<void> {
    return this.#call(this.#target.put(piece));
  }

  end(): Promise<void> {
    return this.#call(this.#target.end());
  }

  /** What comes after the removal passes behind what waits. */
  get #target(): Sink {
    return this.isRemoved && this.fault.isEmpty ? this.next : this.fault;
  }

  async #call(call: Promise<void>): Promise<void> {
    this.#calls++;
    try {
      await call;
    } finally {
      this.#calls--;
      this.#skipIfEmpty();
    }
  }

  remove(): void {
    if (this.isRemoved) return;
    this.isRemoved = true;
    this.fault.changed();
    this.#skipIfEmpty();
  }

  #skipIfEmpty(): void {
    if (this.isRemoved && this.#calls === 0 && this.fault.isEmpty) this.chain.skip(this);
  }

  emit(text: string): void {
    this.chain.emit(this.toxic.kind, text, TYPES[this.toxic.type].continual === true);
  }

  lost(count: number): void {
    this.chain.options.lost(count);
  }

  cut(text: string, { reset } = { reset: false }): Error {
    return this.chain.cut(this.toxic.kind, text, reset);
  }
}
