/** The language of whoever runs the program. */

/** Variables that say it, the first that is set before all others (POSIX.1-2024, XBD 8.2). */
const VARIABLES = ["LC_ALL", "LC_MESSAGES", "LANG"];

/**
 * The language's code of two or three letters, `en` where the system names none. Without the
 * variables, as on Windows, it is that of the system's settings.
 */
export function userLanguage(): string {
  const stated = VARIABLES.map((name) => Deno.env.get(name)).find(Boolean) ?? navigator.language;
  return /^[a-z]{2,3}(?![a-z])/i.exec(stated)?.[0].toLowerCase() ?? "en";
}
