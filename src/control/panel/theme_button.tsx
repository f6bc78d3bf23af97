/// <reference lib="dom" />
import { useState } from "preact/hooks";
import { useShared } from "./context.ts";
import { nextTheme, readTheme, setTheme, type Theme } from "./theme.ts";

/** Goes round: as the system is, light, dark. */
export function ThemeButton() {
  const { words } = useShared();
  const [theme, choose] = useState<Theme>(readTheme);
  const name = words.theme(words.themes[theme]);
  const goOn = () => {
    const next = nextTheme(theme);
    setTheme(next);
    choose(next);
  };
  return (
    <button type="button" class="chip icon" aria-label={name} title={name} onClick={goOn}>
      <svg viewBox="0 0 24 24" aria-hidden="true">{ICONS[theme]}</svg>
    </button>
  );
}

const ICONS: Readonly<Record<Theme, preact.ComponentChild>> = {
  system: (
    <>
      <circle cx="12" cy="12" r="8.5" />
      <path d="M12 3.5a8.5 8.5 0 0 0 0 17z" fill="currentcolor" />
    </>
  ),
  light: (
    <>
      <circle cx="12" cy="12" r="4.5" />
      <path d="M12 2v2.5M12 19.5V22M2 12h2.5M19.5 12H22M4.9 4.9l1.8 1.8M17.3 17.3l1.8 1.8M19.1 4.9l-1.8 1.8M6.7 17.3l-1.8 1.8" />
    </>
  ),
  dark: <path d="M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5z" />,
};
