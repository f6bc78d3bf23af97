/** Valid names of members and rooms, and when two names are the same. */

/** Longest name, characters (Unicode code points). */
const LONGEST = 32;
/** Code units of the longest name in any form; normalizing takes time quadratic in the length. */
const LONGEST_FORM = 16 * LONGEST;
/**
 * Control, format (bidi, zero-width), unassigned, space and blank characters.
 */
const UNPRINTABLE = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/u;
const EXPECTED_LENGTH = `expected a name of 1 to ${LONGEST} characters`;
/** Reserved names, which only the room assigns. */
const RESERVED = /^(?:server|guest)(?:-\d+)?$/;

/** Whether text is too long to be a name, and to be normalized. */
export function isTooLong(text: string): boolean {
  return text.length > LONGEST_FORM;
}

/** Returns a name in NFC. Throws an error that says what was expected. */
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

/** The key under which names are unique: equal for names that differ in case or width only. */
export function nameKey(name: string): string {
  return name.normalize("NFKC").toLowerCase().normalize("NFC");
}

/** The hue in which a name is shown, degrees: the same on every member's screen. */
export function hueOf(name: string): number {
  let hash = 0;
  for (const char of name) hash = (Math.imul(hash, 31) + char.codePointAt(0)!) >>> 0;
  return (hash * 47) % 360;
}

/** Whether only the room assigns this name: `server`, `guest-3`. */
export function isReserved(name: string): boolean {
  return RESERVED.test(nameKey(name));
}

/**
 * `wish`, or the first of `wish-2`, `wish-3`, … (for a guest: `guest-1`, …) that is free.
 *
 * @param lowest The lowest number that may be free with a base.
 */
export function freeName(
  wish: string,
  isTaken: (name: string) => boolean,
  lowest: (base: string) => number = () => 0,
): string {
  if (!isTaken(wish)) return wish;
  const [base, first] = RESERVED.test(wish)
    ? [wish.replace(/-\d+$/, ""), wish.startsWith("guest") ? 1 : 2]
    : [shorten(wish), 2];
  for (let number = Math.max(first, lowest(base));; number++) {
    const name = `${base}-${number}`;
    if (!isTaken(name)) return name;
  }
}

/** Splits `base-7` into the base and the number; undefined for any other name. */
export function splitNumber(name: string): [base: string, number: number] | undefined {
  const [, base, digits] = /^(.+)-(\d{1,9})$/.exec(name) ?? [];
  return base === undefined ? undefined : [base, Number(digits)];
}

/** Cuts a name so that a dash and a number fit behind it. */
function shorten(name: string): string {
  return [...name].slice(0, LONGEST - 5).join("");
}
