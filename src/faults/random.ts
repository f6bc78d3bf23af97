/** Repeatable random numbers: the same seed gives the same faults in the same order. */

/** A number from 0 up to 1, as `Math.random` gives. */
export type Random = () => number;

/** The generator "mulberry32" (Tommy Ettinger, public domain), with 32 bits of state. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
