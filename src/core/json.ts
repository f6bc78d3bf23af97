/** Checks of a peer's JSON before it is parsed. */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/**
 * Whether JSON has at most `limit` bytes outside of its strings. A string takes about its own
 * length when it is parsed, but two bytes of anything else (`{}`, `[]`) can take fifty.
 */
export function isMostlyText(json: Uint8Array, limit: number): boolean {
  if (json.length <= limit) return true;
  let outside = 0;
  for (let at = 0; at < json.length;) {
    const open = json.indexOf(QUOTE, at);
    outside += (open < 0 ? json.length : open + 2) - at;
    if (outside > limit) return false;
    at = open < 0 ? json.length : endOfString(json, open + 1);
  }
  return true;
}

/** Index behind the string whose content begins at `start`. */
function endOfString(json: Uint8Array, start: number): number {
  for (let from = start;;) {
    const quote = json.indexOf(QUOTE, from);
    if (quote < 0) return json.length;
    let escapes = 0;
    while (json[quote - 1 - escapes] === BACKSLASH) escapes++;
    if (escapes % 2 === 0) return quote + 1;
    from = quote + 1;
  }
}
