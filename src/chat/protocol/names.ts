/** What members and rooms may be called, and when two names are the same. */

/** Longest name, characters (Unicode code points). */
const LONGEST = 32;
/** Code units of the longest name in any form; to normalize text takes the square of its length. */
const LONGEST_FORM = 16 * LONGEST;
/**
 * Control, format (bidi, zero-width), unassigned and space characters, and what is drawn as
 * nothing.
 */
const UNPRINTABLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const EXPECTED_LENGTH = `expected a name of 1 to ${LONGEST} characters`;
/** The names that the room gives out itself. */
const GIVEN = /^(?:server|guest)(?:-\d+)?$/;

/** Whether text is too long to be a name, and to be looked at any closer. */
export function isTooLong(text: string): boolean {
  return text.length > LONGEST_FORM;
}

/** A name in its one form (NFC). Throws what was expected. */
export function parseName(text: string): string {
  if (isTooLong(text)) throw new Error(EXPECTED_LENGTH);
  const name = text.normalize("NFC");
  const length = [...name].length;
  if (length < 1 || length > LONGEST) {
    throw new Error(EXPECTED_LENGTH);
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

/**
 * `wish`, or the first of `wish-2`, `wish-3`, … (for a guest: `guest-1`, …) that is free.
 *
 * @param taken All numbers below the one that it says are taken with this base.
 */
export function freeName(
  wish: string,
  isTaken: (name: string) => boolean,
  taken: (base: string) => number = () => 0,
): string {
  if (!isTaken(wish)) return wish;
  const [base, first] = GIVEN.test(wish)
    ? [wish.replace(/-\d+$/, ""), wish.startsWith("guest") ? 1 : 2]
    : [shorten(wish), 2];
  for (let number = Math.max(first, taken(base));; number++) {
    const name = `${base}-${number}`;
    if (!isTaken(name)) return name;
  }
}

/** The base of a name that ends with a number, and the number. */
export function numbered(name: string): [base: string, number: number] | undefined {
  const [, base, digits] = /^(.+)-(\d{1,9})$/.exec(name) ?? [];
  return base === undefined ? undefined : [base, Number(digits)];
}

/** Leaves room for a dash and a number. */
function shorten(name: string): string {
  return [...name].slice(0, LONGEST - 5).join("");
}
