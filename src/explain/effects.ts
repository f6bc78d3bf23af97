/** What the options of several tools do to a draft. */
import type { Effect } from "./options.ts";
import { durationOf } from "./translation.ts";

/** What a command line adds up to, as its options fill it in. */
export class Draft {
  /** Options of coax that every command takes. */
  readonly options: string[] = [];
  readonly notes: string[] = [];

  note(text: string): void {
    if (!this.notes.includes(text)) this.notes.push(text);
  }
}

export const nothing: Effect<Draft> = () => {};

/** Adds words to coax's command line. */
export const adds = (...words: string[]): Effect<Draft> => ({ options }) =>
  void options.push(...words);

/** Adds an option of coax that takes the same value, with something around it. */
export const takes =
  (name: string, before = "", after = ""): Effect<Draft> => ({ options }, value) =>
    void options.push(name, before + value + after);

/** Adds an option of coax that takes the same duration. */
export const lasts = (name: string): Effect<Draft> => ({ options }, value, option) =>
  void options.push(name, durationOf(option, value));

/** Adds `--via` with a URL, or with a host that such a proxy runs on. */
export const via = (scheme: string): Effect<Draft> => ({ options }, value) =>
  void options.push("--via", /^\w+:\/\//.test(value) ? value : `${scheme}://${value}`);

/** Keeps the value for later. */
export const keeps = <K extends string>(
  name: K,
  before = "",
): Effect<{ readonly [name in K]?: string }> =>
(draft, value) => void Object.assign(draft, { [name]: before + value });

/** Turns switches of the draft on. */
export const sets = <K extends string>(
  ...names: K[]
): Effect<{ readonly [name in K]: boolean }> =>
(draft) => {
  for (const name of names) Object.assign(draft, { [name]: true });
};

export const usesFamily = (family: 4 | 6): Effect<{ family?: 4 | 6 }> => (draft) => {
  draft.family = family;
};

/** Lets bytes go one way only: from the first address to the second, or back. */
export const goes =
  (direction: "right" | "left"): Effect<{ direction?: "right" | "left" }> => (draft) => {
    draft.direction = direction;
  };

export const notes = (text: string): Effect<Draft> => (draft, _, option) =>
  draft.note(`${option}: ${text}`);

/** Nothing in coax does this. */
export const lacks = (what: string): Effect<Draft> => (draft, value, option) =>
  draft.note(`${[option, value].filter(Boolean).join(" ")} (${what}) has no counterpart in coax`);
