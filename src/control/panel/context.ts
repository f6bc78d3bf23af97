/// <reference lib="dom" />
/** What all parts of the page are given. */
import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ActWords, Panel } from "./panel.ts";
import { english } from "./words/english.ts";
import type { Language, Words } from "./words/mod.ts";

interface Shared {
  readonly panel: Panel;
  readonly words: Words;
  readonly language: Language;
}

export const SharedContext = createContext<Shared>({
  panel: undefined!,
  words: english,
  language: "en",
});

export function useShared(): Shared {
  return useContext(SharedContext);
}

/** The words for an act. */
export function actWords(words: Words, done?: string): ActWords {
  return { done, failed: words.failed, unreachable: words.unreachable };
}
