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

/** The generator of one toxic in one direction of one connection, whatever others draw. */
export function randomFor(seed: number, id: number, stream: string, name: string): Random {
  return seeded(hashOf(`${seed} ${id} ${stream} ${name}`));
}

/** 32 bits of a text: FNV-1a (RFC 9923), over UTF-16 units, with its bits mixed once more. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d) >>> 0;
}
