/** All faults that a relay can inject, in the order in which they act on what is sent. */
import type { Connection } from "../core/duplex.ts";
import { chop } from "./chop.ts";
import { cut } from "./cut.ts";
import { delay } from "./delay.ts";
import type { Emit } from "./fault.ts";
import { loss } from "./loss.ts";
import type { Random } from "./random.ts";
import { rate } from "./rate.ts";

export type { Emit } from "./fault.ts";
export { seeded } from "./random.ts";

/** What to inject; sizes in bytes, times in milliseconds, rates in bytes a second. */
export interface Faults {
  readonly rate?: number;
  readonly delay?: number;
  readonly jitter?: number;
  readonly chop?: number;
  readonly cutAfter?: number;
  readonly resetAfter?: number;
  readonly drop?: number;
  readonly dup?: number;
  readonly reorder?: number;
}

/** The same end, with faults in what is sent to it; nothing is attached that nobody asked for. */
export function injectFaults(
  connection: Connection,
  faults: Faults,
  random: Random,
  tell: Emit,
): Connection {
  let faulty = connection;
  if (faults.cutAfter !== undefined) {
    faulty = cut(faulty, { kind: "cut-after", size: faults.cutAfter }, tell);
  }
  if (faults.resetAfter !== undefined) {
    faulty = cut(faulty, { kind: "reset-after", size: faults.resetAfter }, tell);
  }
  if (faults.chop !== undefined) faulty = chop(faulty, faults.chop, tell);
  if (faults.rate !== undefined) faulty = rate(faulty, faults.rate, tell);
  if (faults.delay !== undefined || faults.jitter !== undefined) {
    faulty = delay(faulty, { delay: faults.delay ?? 0, jitter: faults.jitter ?? 0, random }, tell);
  }
  if (faults.drop || faults.dup || faults.reorder) {
    const { drop = 0, dup = 0, reorder = 0 } = faults;
    faulty = loss(faulty, { drop, duplicate: dup, reorder, random }, tell);
  }
  return faulty;
}
