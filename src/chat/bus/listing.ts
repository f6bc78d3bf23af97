/**
 * Lists the members of this process in a stream that may not tell of them any more: joins grow old
 * there, and get lost with a server. The list stands in the order as all facts do, so that everyone
 * comes to the same names.
 */
import type { Subscriber } from "./bus.ts";
import type { Fact } from "./facts.ts";

/** After how much members are listed again: far less than the stream keeps. */
const RENEWAL = { places: 1000, ms: 24 * 3600 * 1000 };

export class Listing {
  /**
   * Where in the stream, and when, everyone here was known to be told of; if not, they have to be.
   */
  #listed: { readonly place: number; readonly at: number } | undefined;

  constructor(private readonly hearer: Subscriber, private readonly process: string) {}

  /** The stream tells of everyone here, up to `place`. */
  done(place: number): void {
    this.#listed = { place, at: performance.now() };
  }

  /** The stream doesn't tell of everyone here. */
  lost(): void {
    this.#listed = undefined;
  }

  /** The fact that lists our members, when it is time for that at `place` and there are any. */
  due(place: number): Fact | undefined {
    const members = this.hearer.present();
    const last = this.#listed ?? { place: -Infinity, at: 0 };
    const isRecent = place - last.place < RENEWAL.places &&
      performance.now() - last.at < RENEWAL.ms;
    if (!members || isRecent) return undefined;
    this.done(place);
    return members.length > 0 ? { type: "here", process: this.process, members } : undefined;
  }
}
