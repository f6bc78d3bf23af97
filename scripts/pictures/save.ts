/** Writes pictures so that a rerun changes only what has changed. */

/** A picture's file: SVG is text. */
export type Content = string | Uint8Array<ArrayBuffer>;

/** What differs from run to run: times of day, durations, ports that the system has chosen. */
const VARYING = /\b\d\d:\d\d:\d\d(?:\.\d+)?|\b[\d.]+(?= (?:µs|ms|s)\b)|(?<=:)\d{5}\b/g;

/** Where texts of a terminal begin, and how long they are: that depends on those before. */
const PLACES = /(?<=<text )x="[\d. ]+"|textLength="[\d.]+"/g;

/** The text of a picture with a zero for each number that no two runs have in common. */
export function masked(svg: string): string {
  return svg.replace(VARYING, "0").replace(PLACES, "0");
}

/**
 * Writes a picture, unless the file is the same but for times and ports. Returns whether it was
 * written.
 */
export async function save(file: string | URL, content: Content): Promise<boolean> {
  const before = await read(file);
  if (before !== undefined && isSame(before, content)) return false;
  if (typeof content === "string") await Deno.writeTextFile(file, content);
  else await Deno.writeFile(file, content);
  return true;
}

async function read(file: string | URL): Promise<Uint8Array | undefined> {
  try {
    return await Deno.readFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function isSame(before: Uint8Array, content: Content): boolean {
  if (typeof content === "string") {
    return masked(new TextDecoder().decode(before)) === masked(content);
  }
  return before.length === content.length && before.every((byte, i) => byte === content[i]);
}
