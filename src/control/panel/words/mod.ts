/** The panel's languages. */
import { chinese } from "./chinese.ts";
import { english, type Words } from "./english.ts";

export type { Words };

export const LANGUAGES = { en: english, zh: chinese };
export type Language = keyof typeof LANGUAGES;

/** The first of the reader's languages that there are words for; English otherwise. */
export function preferred(languages: readonly string[]): Language {
  for (const tag of languages) {
    const language = tag.toLowerCase().split("-", 1)[0]!;
    if (language === "en" || language === "zh") return language;
  }
  return "en";
}
