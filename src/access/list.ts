/** Parses lists of addresses, ranges and names for `--allow` and `--deny`. */
import { isWrittenAsName } from "../address/host.ts";
import { sleep } from "../core/time.ts";
import { parseIp, parseRange, type Range } from "../address/ip.ts";
import { RangeSet } from "./ranges.ts";

/** Looks up the addresses of a name. */
export type Resolve = (name: string) => Promise<string[]>;

/** One entry of a list, and its line if the list is a file. */
interface ListEntry {
  readonly text: string;
  readonly line?: number;
}

/** Parsing yields to other work after this long, milliseconds. */
const TIME_SLICE = 4;
/** Entries between two looks at the clock. */
const CLOCK_STRIDE = 256;

/**
 * Parses addresses (`10.0.0.1`, `::1`), ranges (`10.0.0.0/8`) and names, which are resolved now.
 * Rejects with a plain `Error` with what was expected, or as `resolve` does.
 */
export async function parseList(entries: Iterable<ListEntry>, resolve: Resolve): Promise<RangeSet> {
  const list = new RangeSet();
  const names = new Set<string>();
  let sliceStart = performance.now();
  let count = 0;
  for (const entry of entries) {
    const ranges = parseRange(entry.text);
    if (!ranges) names.add(checkName(entry));
    else for (const range of ranges) list.add(range);
    if (++count % CLOCK_STRIDE === 0 && performance.now() - sliceStart > TIME_SLICE) {
      await sleep(0);
      sliceStart = performance.now();
    }
  }
  const addresses = await Promise.all([...names].map(resolve));
  for (const text of addresses.flat()) list.add(hostRange(text));
  return list;
}

function checkName({ text, line }: ListEntry): string {
  if (isWrittenAsName(text) && !/^[\d.]+$/.test(text)) return text;
  const where = line === undefined ? "" : `line ${line}: `;
  throw new Error(
    `${where}expected an address, a range such as 10.0.0.0/8, or a name, not "${text}"`,
  );
}

function hostRange(text: string): Range {
  const network = parseIp(text)!;
  return { network, length: 16 * network.length };
}

/**
 * The entries of a file: any number in a line, separated by spaces or commas; `#` begins a comment.
 */
export function* entriesOf(text: string): Generator<ListEntry> {
  let line = 1;
  for (const [token] of text.matchAll(/\n|#[^\n]*|[^\s,#]+/g)) {
    if (token === "\n") line++;
    else if (!token.startsWith("#")) yield { text: token, line };
  }
}
