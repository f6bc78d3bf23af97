/**
 * News for all members that is sent in one write. A busy room sends a hundred lines at a time,
 * which are encoded once and not once for each member.
 */
import type { MemberId } from "./bus/facts.ts";
import type { Announcement, NewsFormat } from "./protocol/news.ts";

const encoder = new TextEncoder();

interface BurstEntry {
  readonly announcement: Announcement;
  readonly author?: MemberId;
}

export class Burst {
  readonly #news: BurstEntry[] = [];
  readonly #authors = new Set<MemberId>();
  #lines: Uint8Array | undefined;

  get empty(): boolean {
    return this.#news.length === 0;
  }

  /** How many pieces of news it has. */
  get length(): number {
    return this.#news.length;
  }

  /** @param author Its sender, which may not want an echo. */
  add(announcement: Announcement, author?: MemberId): void {
    this.#news.push({ announcement, author });
    this.#lines = undefined; // A member may have got what there was before.
    if (author !== undefined) this.#authors.add(author);
  }

  /** Each piece of news from the one numbered `from` as a message, without those by `except`. */
  messages(format: NewsFormat, except?: MemberId, from = 0): Uint8Array[] {
    return this.#for(except, from).map(({ announcement }) => announcement.encode(format));
  }

  /** The same as lines; members that get all of them share the bytes. */
  lines(except?: MemberId, from = 0): Uint8Array {
    const entries = this.#for(except, from);
    if (entries.length < this.#news.length) return encodeLines(entries);
    return this.#lines ??= encodeLines(entries);
  }

  #for(except: MemberId | undefined, from: number): readonly BurstEntry[] {
    const news = from === 0 ? this.#news : this.#news.slice(from);
    if (except === undefined || !this.#authors.has(except)) return news;
    return news.filter(({ author }) => author !== except);
  }
}

/** Joins text, which is faster than joining bytes. */
function encodeLines(entries: readonly BurstEntry[]): Uint8Array {
  return encoder.encode(entries.map(({ announcement }) => announcement.line).join(""));
}
