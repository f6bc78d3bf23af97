/** "Did you mean": finds the known word nearest to a mistyped one. */

/** The word of `known` that is nearest to `word`, or undefined where none is near. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  const typed = word.toLowerCase();
  const begun = known.filter((one) => typed.length > 2 && one.startsWith(typed));
  if (begun.length === 1) return begun[0];
  const [best] = known
    .map((one) => ({ one, distance: editDistance(typed, one.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  // An option's dashes don't count as letters: more letters would allow more mistakes.
  const letters = typed.replace(/^-+/, "").length;
  return best && best.distance <= Math.max(1, Math.floor(letters / 3)) ? best.one : undefined;
}

/** `; did you mean server?`, or nothing where no known word is near. */
export function suggestion(word: string, known: readonly string[]): string {
  const meant = nearest(word, known);
  return meant === undefined ? "" : `; did you mean ${meant}?`;
}

/**
 * Number of letters to insert, delete, change or swap with their neighbour to turn `a` into `b`
 * (optimal string alignment distance).
 */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = last[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
        ? before[j - 2]! + 1
        : Infinity;
      row.push(Math.min(changed, swapped, last[j]! + 1, row[j - 1]! + 1));
    }
    before = last;
    last = row;
  }
  return last[b.length]!;
}
