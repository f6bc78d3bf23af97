/** Shortens rows: long stretches of bytes and messages become one row, and pauses get one. */
import type { Arrow, Fold, Row, Totals } from "./ladder.ts";

/** Arrows of bytes or messages in a row from which on most are folded. */
const LONGEST = 24;
/** Arrows that stay before the fold, and behind it. */
const [HEAD, TAIL] = [8, 4];
/** A time without an event from which on it has a row, seconds. */
const PAUSE = 1;

/** The same rows, with the middle of every long stretch of bytes or messages in one row. */
export function folded(rows: readonly Row[]): Row[] {
  const result: Row[] = [];
  let stretch: (Arrow & Row)[] = [];
  const flush = () => {
    if (stretch.length <= LONGEST) result.push(...stretch);
    else {
      const middle = stretch.slice(HEAD, -TAIL);
      result.push(...stretch.slice(0, HEAD), fold(middle), ...stretch.slice(-TAIL));
    }
    stretch = [];
  };
  for (const row of rows) {
    if (row.kind === "arrow" && row.load) stretch.push(row);
    else {
      flush();
      result.push(row);
    }
  }
  flush();
  return result;
}

function fold(arrows: readonly (Arrow & Row)[]): Fold & Row {
  const [first, last] = [arrows[0]!, arrows.at(-1)!];
  return {
    kind: "fold",
    what: arrows.every(({ what }) => what === "message") ? "message" : "bytes",
    seconds: last.t + last.load!.seconds - first.t,
    in: totalOf(arrows.filter(({ from, to }) => from < to)),
    out: totalOf(arrows.filter(({ from, to }) => from > to)),
    t: first.t,
    lines: last.lines,
  };
}

/** The sum of what arrows carry, with the bytes `before` them. */
export function totalOf(arrows: readonly Arrow[], before = 0): Totals {
  let [bytes, pieces] = [before, 0];
  for (const { load } of arrows) {
    bytes += load?.bytes ?? 0;
    pieces += load?.pieces ?? 0;
  }
  return { bytes, pieces };
}

/** The same rows, with one for each long time without an event. */
export function withPauses(rows: readonly Row[]): Row[] {
  let end = 0;
  return rows.flatMap((row, i) => {
    const seconds = row.t - end;
    const lines = rows[i - 1]?.lines ?? row.lines;
    const pause: Row[] = seconds >= PAUSE ? [{ kind: "pause", seconds, t: end, lines }] : [];
    end = Math.max(end, endOf(row));
    return [...pause, row];
  });
}

/** When what a row shows was over, seconds. */
function endOf(row: Row): number {
  if (row.kind === "fold") return row.t + row.seconds;
  if (row.kind !== "arrow") return row.t;
  return row.t + (row.load?.seconds ?? row.seconds ?? 0);
}
