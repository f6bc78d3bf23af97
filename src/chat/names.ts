/** What members and rooms may be called, and when two names are the same. */

/** Longest name, characters (Unicode code points). */
const LONGEST = 32;
/** Control, format (bidi, zero-width), unassigned and space characters, and what is drawn as nothing. */
const UNPRINTABLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
/** The names that the room gives out itself. */
const GIVEN = /^(?:server|guest)(?:-\d+)?$/;

/** A name in its one form (NFC). Throws what was expected. */
export function parseName(text: string): string {
  const name = text.normalize("NFC");
  const length = [...name].length;
  if (length < 1 || length > LONGEST) {
    throw new Error(`expected a name of 1 to ${LONGEST} characters`);
  }
  if (UNPRINTABLE.test(name)) throw new Error("expected a name of printable characters, no spaces");
  if (/^\p{M}/u.test(name)) throw new Error("expected a name that begins with a whole character");
  return name;
}

/** Equal for two names that can't stand beside each other: case and width don't tell them apart. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFC");
}

/** Whether only the room itself gives this name: `server`, `guest-3`. */
export function isGiven(name: string): boolean {
  return GIVEN.test(nameKey(name));
}

/** `wish`, or the first of `wish-2`, `wish-3`, … (for a guest: `guest-1`, …) that is free. */
export function freeName(wish: string, isTaken: (name: string) => boolean): string {
  if (!isTaken(wish)) return wish;
  const [base, first] = GIVEN.test(wish)
    ? [wish.replace(/-\d+$/, ""), wish.startsWith("guest") ? 1 : 2]
    : [shorten(wish), 2];
  for (let number = first;; number++) {
    const name = `${base}-${number}`;
    if (!isTaken(name)) return name;
  }
}

/** Leaves room for a dash and a number. */
function shorten(name: string): string {
  return [...name].slice(0, LONGEST - 5).join("");
}
