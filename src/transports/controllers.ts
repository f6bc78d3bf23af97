/**
 * Controllers that nobody has aborted, for the next attempt to connect. Making one costs as much as
 * all else that an attempt needs, so the same one serves many, one after the other.
 */

/** Beyond that many, one is left to the garbage collector. */
const MOST_SPARE = 256;

const spare: AbortController[] = [];

/** A controller that isn't aborted, and at whose signal there is nothing. */
export function takeController(): AbortController {
  return spare.pop() ?? new AbortController();
}

/** Takes a controller back: no listener is left at its signal, and no signal depends on it. */
export function giveBack(controller: AbortController): void {
  if (!controller.signal.aborted && spare.length < MOST_SPARE) spare.push(controller);
}
