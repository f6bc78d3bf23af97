/** Names of character sets, without the sets. */

/** The Encoding Standard's name (§4.2) for a label; undefined for an unknown one. */
export function whatwgName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** Whether a name is one of UTF-8, by the Standard or, with any punctuation, by iconv-lite. */
export function isUtf8(name: string): boolean {
  const letters = name.toLowerCase().replace(/[^0-9a-z]/g, "");
  return whatwgName(name) === "utf-8" || letters === "utf8" || letters === "unicode11utf8";
}
