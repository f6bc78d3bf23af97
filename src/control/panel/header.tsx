/// <reference lib="dom" />
/** The header: whether it is live, what was missed, colors and language. */
import { formatCount } from "../../core/format.ts";
import { useShared } from "./context.ts";
import { ThemeButton } from "./theme_button.tsx";
import { type Language, LANGUAGES } from "./words/mod.ts";

interface HeaderProps {
  readonly language: Language;
  setLanguage(language: Language): void;
}

export function Header({ language, setLanguage }: HeaderProps) {
  const { panel, words } = useShared();
  const { link, missed } = panel.state;
  const other: Language = language === "en" ? "zh" : "en";
  return (
    <header>
      <Mark />
      <h1>coax</h1>
      <p id="state" role="status" data-link={link}>{words.links[link]}</p>
      {missed > 0 && (
        <p class="missed" title={words.missedWhy}>{words.missed(formatCount(missed))}</p>
      )}
      <ThemeButton />
      <button
        type="button"
        class="chip"
        lang={other === "zh" ? "zh-Hans" : "en"}
        onClick={() => setLanguage(other)}
      >
        {LANGUAGES[other].language}
      </button>
    </header>
  );
}

/** A plug and a socket. */
function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="12" cy="12" r="9" />
      <circle cx="12" cy="12" r="3.5" />
      <path d="M12 3v5.5M12 15.5V21" />
    </svg>
  );
}
