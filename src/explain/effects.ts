/** Effects of options on a draft, shared by several tools. */
import type { Effect } from "./options.ts";
import { durationOf } from "./translation.ts";

/** A translation in progress, filled in by the options of a command line. */
export class Draft {
  /** Options for coax's command line. */
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

/** Adds an option of coax with the same value, between `before` and `after`. */
export const takes =
  (name: string, before = "", after = ""): Effect<Draft> => ({ options }, value) =>
    void options.push(name, before + value + after);

/** Adds an option of coax with the same duration. */
export const takesDuration = (name: string): Effect<Draft> => ({ options }, value, option) =>
  void options.push(name, durationOf(option, value));

/** Adds `--via` with the value as a URL; `scheme` is that of a value without one. */
export const via = (scheme: string): Effect<Draft> => ({ options }, value) =>
  void options.push("--via", /^\w+:\/\//.test(value) ? value : `${scheme}://${value}`);

/** Keeps the value in the draft. */
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

/** Limits bytes to one direction: `right` is from the first address to the second. */
export const sendsOnly =
  (direction: "right" | "left"): Effect<{ direction?: "right" | "left" }> => (draft) => {
    draft.direction = direction;
  };

export const notes = (text: string): Effect<Draft> => (draft, _, option) =>
  draft.note(`${option}: ${text}`);

/** Notes that coax has no such feature. */
export const lacks = (what: string): Effect<Draft> => (draft, value, option) =>
  draft.note(`${[option, value].filter(Boolean).join(" ")} (${what}) has no counterpart in coax`);
