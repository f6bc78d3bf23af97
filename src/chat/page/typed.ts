/** Parses what has been typed or pasted: any number of lines, accepted together or not at all. */
import { cutLine, LONGEST_LINE } from "../protocol/lines.ts";
import { parseLine, type Request } from "../protocol/requests.ts";

/**
 * Parses each line of `text`, as in a terminal. Throws if one is too long, or if more than `most`
 * would become pending.
 */
export function parseTyped(text: string, most: number): Request[] {
  const lines = text.split(/\r\n|\r|\n/);
  if (lines.some((line) => cutLine(line).cut)) {
    throw new Error(`A line has at most ${LONGEST_LINE} bytes: please shorten it.`);
  }
  const requests = lines.flatMap((line) => parseLine({ text: line, cut: false }));
  const count = requests.filter(isLine).length;
  if (count > 0 && count > most) {
    throw new Error("Too many lines wait to be sent: please keep this for later.");
  }
  return requests;
}

function isLine({ type }: Request): boolean {
  return type === "say" || type === "me" || type === "msg";
}
