/** A set of address ranges. */
import { type Ip, prefixOf, type Range } from "../address/ip.ts";

/** A look-up takes one step for each prefix length in the set, however many ranges have it. */
export class RangeSet {
  readonly #prefixes = new Map<number, Set<string>>();

  add({ network, length }: Range): void {
    const prefix = prefixOf(network, length);
    const same = this.#prefixes.get(length);
    if (same) same.add(prefix);
    else this.#prefixes.set(length, new Set([prefix]));
  }

  has(ip: Ip): boolean {
    for (const [length, prefixes] of this.#prefixes) {
      if (prefixes.has(prefixOf(ip, length))) return true;
    }
    return false;
  }
}
