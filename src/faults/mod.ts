/** All faults that a relay can inject: loss acts first, then delay, rate, pieces and cuts. */
import type { Connection } from "../core/duplex.ts";
import { chop } from "./chop.ts";
import { cut } from "./cut.ts";
import { delay } from "./delay.ts";
import type { Emit } from "./send_hook.ts";
import { TYPES } from "./types.ts";
import type { ToxicType } from "./toxic.ts";
import { loss } from "./loss.ts";
import type { Random } from "./random.ts";
import { rate } from "./rate.ts";

export { attributeNames, attributesOf, TOXIC_TYPES } from "./attributes.ts";
export type { Emit } from "./chain.ts";
export { faultLogger } from "./log.ts";
export { seeded } from "./random.ts";
export { type Attributes, type Stream, STREAMS, ToxicError } from "./toxic.ts";
export type { ToxicSpec, ToxicType } from "./toxic.ts";
export { Toxics } from "./toxics.ts";

/**
 * What a type of toxic acts on alone; undefined where it acts on bytes and on messages. It leaves
 * anything else as it is, so adding it there should be refused.
 */
export function needOf(type: ToxicType): "bytes" | "messages" | undefined {
  return TYPES[type].needs;
}

/** Faults to inject; sizes in bytes, times in milliseconds, rates in bytes a second. */
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

/** The same connection, with those faults in what is sent to it that were asked for. */
export function injectFaults(
  connection: Connection,
  faults: Faults,
  random: Random,
  emit: Emit,
): Connection {
  let faulty = connection;
  if (faults.cutAfter !== undefined) {
    faulty = cut(faulty, { kind: "cut-after", size: faults.cutAfter }, emit);
  }
  if (faults.resetAfter !== undefined) {
    faulty = cut(faulty, { kind: "reset-after", size: faults.resetAfter }, emit);
  }
  if (faults.chop !== undefined) faulty = chop(faulty, faults.chop, emit);
  if (faults.rate !== undefined) faulty = rate(faulty, faults.rate, emit);
  if (faults.delay !== undefined || faults.jitter !== undefined) {
    faulty = delay(faulty, { delay: faults.delay ?? 0, jitter: faults.jitter ?? 0, random }, emit);
  }
  if (faults.drop || faults.dup || faults.reorder) {
    const { drop = 0, dup = 0, reorder = 0 } = faults;
    faulty = loss(faulty, { drop, duplicate: dup, reorder, random }, emit);
  }
  return faulty;
}
