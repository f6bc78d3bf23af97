/** `--allow` and `--deny`: who may connect, by address, range or name, also from files. */
import { sleep } from "../core/time.ts";
import { parseIp, parseRange, type Range } from "../address/ip.ts";
import { RangeSet } from "./ranges.ts";

/** The addresses of a name. */
export type Resolve = (name: string) => Promise<string[]>;

/** One entry of a list, and the line it stands in where that is a file's. */
interface Entry {
  readonly text: string;
  readonly line?: number;
}

/** Reading a list holds up nothing else for longer than this, milliseconds. */
const SLICE = 4;
/** So many entries take far less than that. */
const STRIDE = 256;

/**
 * A list of addresses (`10.0.0.1`, `::1`), ranges (`10.0.0.0/8`) and names, which are looked up
 * now. Rejects with what was expected, or as `resolve` does.
 */
export async function parseList(entries: Iterable<Entry>, resolve: Resolve): Promise<RangeSet> {
  const list = new RangeSet();
  const names = new Set<string>();
  let began = performance.now();
  let count = 0;
  for (const entry of entries) {
    const ranges = parseRange(entry.text);
    if (!ranges) names.add(checkName(entry));
    else for (const range of ranges) list.add(range);
    if (++count % STRIDE === 0 && performance.now() - began > SLICE) {
      await sleep(0);
      began = performance.now();
    }
  }
  const found = await Promise.all([...names].map(resolve));
  for (const text of found.flat()) list.add(single(text));
  return list;
}

function checkName({ text, line }: Entry): string {
  if (/^[\p{L}\p{N}_][\p{L}\p{N}\p{M}_.-]*$/u.test(text) && !/^[\d.]+$/.test(text)) return text;
  const where = line === undefined ? "" : `line ${line}: `;
  throw new Error(
    `${where}expected an address, a range such as 10.0.0.0/8, or a name, not "${text}"`,
  );
}

function single(text: string): Range {
  const network = parseIp(text)!;
  return { network, length: 16 * network.length };
}

/** The entries of a file: one or more a line, `#` begins a comment. */
export function* entriesOf(text: string): Generator<Entry> {
  let line = 1;
  for (const [found] of text.matchAll(/\n|#[^\n]*|[^\s,#]+/g)) {
    if (found === "\n") line++;
    else if (!found.startsWith("#")) yield { text: found, line };
  }
}
