/** The languages that ladders are drawn in. */
import { chinese } from "./chinese.ts";
import { english } from "./english.ts";
import { Words } from "./words.ts";

export type { Words } from "./words.ts";

export const LANGUAGES = ["en", "zh"] as const;
export type Language = (typeof LANGUAGES)[number];

/** The words of a language. */
export function wordsIn(language: Language): Words {
  return new Words({ en: english, zh: chinese }[language]);
}
