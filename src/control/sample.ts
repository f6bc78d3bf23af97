/** What a viewer is told who asks for a sample: some of many connections, each with its steps. */
import type { Event } from "../core/log.ts";

/** New connections that are told between two sums. */
const MAX_NEW = 16;
/** Events that are told between two sums: those of connections, and all others. */
const MAX_EVENTS = 400;
/** Connections whose steps are told; beyond it the oldest is told no more. */
const MAX_TOLD = 8192;

export class Sample {
  /** Numbers of connections. */
  readonly #told = new Set<number>();
  /** Those of them that are over: since the latest turn, and since the one before. */
  #over: number[] = [];
  #overBefore: number[] = [];
  #new = 0;
  readonly #events = { ofConnections: 0, others: 0 };

  /** Whether the steps of that connection are told. */
  has(id: number): boolean {
    return this.#told.has(id);
  }

  /** Tells the steps of a connection: one that is open already, or a new one. */
  add(id: number): void {
    this.#told.add(id);
    if (this.#told.size > MAX_TOLD) this.#told.delete(this.#told.values().next().value!);
  }

  /** A connection is over. Why is said after that: it is told until the second turn from now. */
  remove(id: number): void {
    if (this.#told.has(id)) this.#over.push(id);
  }

  /** Begins another interval. */
  turn(): void {
    for (const id of this.#overBefore) this.#told.delete(id);
    [this.#overBefore, this.#over] = [this.#over, []];
    this.#new = 0;
    this.#events.ofConnections = 0;
    this.#events.others = 0;
  }

  /** Whether an event is told. */
  admits({ event, id }: Pick<Event, "event" | "id">): boolean {
    if (id === undefined) return this.#events.others++ < MAX_EVENTS;
    if (event === "accept" && this.#new++ < MAX_NEW) this.add(id);
    return this.has(id) && this.#events.ofConnections++ < MAX_EVENTS;
  }
}
