/** Ranges of ports in an address: `host:20-30`. */
import { AddressError } from "../core/errors.ts";

/** What stands before the port, its range, and what follows: a path. */
const RANGE =
  /^((?:[a-z+]+:\/\/)?(?:(?:[^/?#]*@)?(?:\[[^\]]*\]|[^:[\]/?#]*):)?)(\d+)-(\d+)([/?].*)?$/is;
const LAST_PORT = 65535;

/**
 * The addresses that a range stands for, in order; an address without one alone. Throws an
 * `AddressError` for a range that isn't one.
 */
export function expandPorts(text: string): string[] {
  const [, before, from, to, after = ""] = RANGE.exec(text) ?? [];
  if (before === undefined) return [text];
  const [first, last] = [Number(from), Number(to)];
  if (first === 0 || first > last || last > LAST_PORT) {
    const shown = text.replace(/\/\/[^/?#]*@/, "//***@");
    throw new AddressError(shown, "expected a range of ports from 1 to 65535, the lower one first");
  }
  return Array.from({ length: last - first + 1 }, (_, i) => `${before}${first + i}${after}`);
}
