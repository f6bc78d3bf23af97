/**
 * What puts facts in order: a room publishes what its own members do, and shows what comes back. It
 * doesn't know whether that is its own process alone or a stream that many processes follow.
 */
import type { Fact, MemberId } from "./facts.ts";

/** How a fact has reached the room. */
export type How =
  /** It happens now. */
  | "live"
  /** It happened before this process has opened the room: it is history, not news. */
  | "past"
  /** The bus is away: one of our own facts, shown before it has its place in the order. */
  | "ahead"
  /** A fact that was shown ahead has got its place in the order. */
  | "again";

export interface Delivery {
  readonly how: How;
  /** Names the fact: the same in every process and however often it is delivered. */
  readonly id: string;
  readonly time: Date;
}

/** A room, as a bus sees it. */
export interface Subscriber {
  deliver(fact: Fact, told: Delivery): void;
  /** Our own members with their names, or nothing while facts about them are on their way. */
  present(): readonly (readonly [MemberId, string])[] | undefined;
  /** Whether members of that process are in the room. */
  hasMembersOf(origin: string): boolean;
  /**
   * The bus can't be reached: from now on our own facts come ahead.
   *
   * @param shown Those that came ahead before, when it was away last, and have not come again yet.
   */
  away(shown: readonly Fact[]): void;
  /** So many facts of others have got lost on the bus. */
  missed(count: number): void;
  /** The bus is back, and all that came ahead has come again. */
  back(): void;
  /** Resolves when those in the room can take more. */
  relief(): Promise<void>;
}

/** One room's place on a bus. */
export interface Feed {
  /** Resolves when the room's past has been heard, or can't be had for now. */
  readonly opened: Promise<void>;
  /** Takes a fact of our own. False: no more can be kept while the bus is away. */
  publish(fact: Fact): boolean;
  /** Resolves when more facts are welcome. */
  ready(): Promise<void>;
  /** Sends what is left, as far as it can be sent soon. */
  close(): Promise<void>;
}

export interface Bus {
  /** This process's name among all on the bus: letters and digits. */
  readonly process: string;
  open(room: string, hearer: Subscriber): Feed;
  close(): Promise<void>;
}

/** A name for this run of the program that no other has. */
export function newProcessName(): string {
  return crypto.getRandomValues(new Uint8Array(6)).toHex();
}
