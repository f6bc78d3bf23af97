/**
 * News for everyone that comes in one go: in a busy room a hundred lines, put together once and not
 * once for each member.
 */
import type { MemberId } from "./bus/facts.ts";
import type { Announcement, Form } from "./protocol/news.ts";

const encoder = new TextEncoder();

interface Entry {
  readonly what: Announcement;
  readonly author?: MemberId;
}

export class Burst {
  readonly #news: Entry[] = [];
  readonly #authors = new Set<MemberId>();
  #joined: Uint8Array | undefined;

  get empty(): boolean {
    return this.#news.length === 0;
  }

  /** @param author Who has said it, and may not want to hear it. */
  add(what: Announcement, author?: MemberId): void {
    this.#news.push({ what, author });
    if (author !== undefined) this.#authors.add(author);
  }

  /** Each piece of news as a message, but those by `except`. */
  messages(form: Form, except?: MemberId): Uint8Array[] {
    return this.#for(except).map(({ what }) => what.as(form));
  }

  /** All lines as one piece; the same bytes for everyone who has said none of them. */
  lines(except?: MemberId): Uint8Array {
    const entries = this.#for(except);
    if (entries.length < this.#news.length) return joined(entries);
    return this.#joined ??= joined(entries);
  }

  #for(except: MemberId | undefined): readonly Entry[] {
    if (except === undefined || !this.#authors.has(except)) return this.#news;
    return this.#news.filter(({ author }) => author !== except);
  }
}

/** Text is put together faster than bytes are. */
function joined(entries: readonly Entry[]): Uint8Array {
  return encoder.encode(entries.map(({ what }) => what.line).join(""));
}
