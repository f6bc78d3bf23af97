/**
 * The interface of what puts facts in order. A room publishes what its own members do, and shows
 * what is delivered to it. It doesn't know whether the bus is its own process alone or a stream
 * that many processes consume.
 */
import type { Fact, MemberId } from "./facts.ts";

/** Why a fact is delivered to the room. */
export type DeliveryMode =
  /** It has just happened. */
  | "live"
  /** It happened before this process opened the room: it is history, not news. */
  | "replayed"
  /** The bus can't be reached: one of our own facts, shown before it has been ordered. */
  | "provisional"
  /** A provisional fact has been ordered. */
  | "confirmed";

export interface Delivery {
  readonly mode: DeliveryMode;
  /** The fact's identity: the same in every process and at every delivery. */
  readonly id: string;
  readonly time: Date;
}

/** A room, as a bus sees it. */
export interface Subscriber {
  deliver(fact: Fact, delivery: Delivery): void;
  /** Our own members with their names; undefined while facts about them are on their way. */
  ownMembers(): readonly (readonly [MemberId, string])[] | undefined;
  /** Whether members of that process are in the room. */
  hasMembersOf(origin: string): boolean;
  /**
   * Begins provisional delivery of our own facts: the bus can't be reached.
   *
   * @param shown Facts that were delivered provisionally before and haven't been confirmed yet.
   */
  offline(shown: readonly Fact[]): void;
  /** Reports that `count` facts of others were lost on the bus. */
  missed(count: number): void;
  /** Ends provisional delivery: the bus is reached, and every provisional fact is confirmed. */
  online(): void;
  /** Resolves when the members' queues have space (back-pressure). */
  ready(): Promise<void>;
}

/** One room's feed of facts, to the bus and from it. */
export interface Feed {
  /** Resolves when the room's history has been delivered, or the bus can't be reached. */
  readonly opened: Promise<void>;
  /** Queues a fact of our own. False if the queue is full because the bus can't be reached. */
  publish(fact: Fact): boolean;
  /** Resolves when the queue has space (back-pressure). */
  ready(): Promise<void>;
  /** Sends what is queued, within a short time, and closes the feed. */
  close(): Promise<void>;
}

export interface Bus {
  /** This process's name among all on the bus: lower-case letters and digits. */
  readonly process: string;
  open(room: string, subscriber: Subscriber): Feed;
  close(): Promise<void>;
}

/** A name for this run of the program that no other has. */
export function newProcessName(): string {
  return crypto.getRandomValues(new Uint8Array(6)).toHex();
}
