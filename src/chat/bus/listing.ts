/**
 * Decides when to publish a list of this process's members. The stream drops old joins and may lose
 * recent ones with a server; the list replaces them. It is a fact like any other, so that every
 * process applies it at the same point in the order.
 */
import type { Subscriber } from "./bus.ts";
import type { Fact } from "./facts.ts";

/** After how many messages, or how long, a list is renewed: far less than the stream keeps. */
const RENEWAL = { messages: 1000, ms: 24 * 3600 * 1000 };

export class MemberListing {
  /** Where in the stream and when our members were last listed; undefined: a list is due. */
  #last: { readonly sequence: number; readonly at: number } | undefined;

  constructor(private readonly subscriber: Subscriber, private readonly process: string) {}

  /** Notes that at stream sequence `sequence` all our members are known. */
  listedAt(sequence: number): void {
    this.#last = { sequence, at: performance.now() };
  }

  /** Notes that the stream has lost our members, so that a list is due. */
  lost(): void {
    this.#last = undefined;
  }

  /** The fact that lists our members, if a list is due at stream sequence `sequence`. */
  due(sequence: number): Fact | undefined {
    const members = this.subscriber.ownMembers();
    const last = this.#last ?? { sequence: -Infinity, at: 0 };
    const isRecent = sequence - last.sequence < RENEWAL.messages &&
      performance.now() - last.at < RENEWAL.ms;
    if (!members || isRecent) return undefined;
    this.listedAt(sequence);
    return members.length > 0 ? { type: "here", process: this.process, members } : undefined;
  }
}
