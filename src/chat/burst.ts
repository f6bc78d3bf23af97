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

  /** @param author Its sender, which may not want an echo. */
  add(announcement: Announcement, author?: MemberId): void {
    this.#news.push({ announcement, author });
    if (author !== undefined) this.#authors.add(author);
  }

  /** Each piece of news as a message, without those sent by `except`. */
  messages(format: NewsFormat, except?: MemberId): Uint8Array[] {
    return this.#for(except).map(({ announcement }) => announcement.encode(format));
  }

  /** All lines without those sent by `except`; members that sent none share the bytes. */
  lines(except?: MemberId): Uint8Array {
    const entries = this.#for(except);
    if (entries.length < this.#news.length) return encodeLines(entries);
    return this.#lines ??= encodeLines(entries);
  }

  #for(except: MemberId | undefined): readonly BurstEntry[] {
    if (except === undefined || !this.#authors.has(except)) return this.#news;
    return this.#news.filter(({ author }) => author !== except);
  }
}

/** Joins text, which is faster than joining bytes. */
function encodeLines(entries: readonly BurstEntry[]): Uint8Array {
  return encoder.encode(entries.map(({ announcement }) => announcement.line).join(""));
}
