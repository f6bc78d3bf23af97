/**
 * News for everyone that comes in one go: in a busy room a hundred lines, put together once and not
 * once for each member.
 */
import { concat } from "../core/bytes.ts";
import type { MemberId } from "./facts.ts";
import type { Announcement, Form } from "./news.ts";

export class Burst {
  readonly #news: { readonly what: Announcement; readonly author?: MemberId }[] = [];
  #joined: Uint8Array | undefined;

  get empty(): boolean {
    return this.#news.length === 0;
  }

  /** @param author Who has said it, and may not want to hear it. */
  add(what: Announcement, author?: MemberId): void {
    this.#news.push({ what, author });
  }

  /** Each piece of news as a message, but those by `except`. */
  messages(form: Form, except?: MemberId): Uint8Array[] {
    return this.#news
      .filter(({ author }) => author === undefined || author !== except)
      .map(({ what }) => what.as(form));
  }

  /** All lines as one piece; the same bytes for everyone who has said none of them. */
  lines(except?: MemberId): Uint8Array {
    const own = except !== undefined && this.#news.some(({ author }) => author === except);
    if (own) return concat(this.messages("line", except));
    return this.#joined ??= concat(this.messages("line"));
  }
}
