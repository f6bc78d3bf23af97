/**
 * Character sets by name. Those of the Encoding Standard (WHATWG) are the platform's; iconv-lite,
 * which is loaded only for names that the Standard lacks, has other names for them and tables of
 * single bytes.
 */
import { UsageError } from "../core/errors.ts";
import { cesu8 } from "./cesu8.ts";
import { type Charset, stateless } from "./charset.ts";
import { iso2022jp, ISO_2022_JP } from "./iso_2022_jp.ts";
import { platformCharset, whatwgName } from "./platform.ts";
import { SequenceScanner } from "./sequences.ts";
import { utf8, wideUnicode } from "./unicode.ts";

/** The character set of that name. Rejects with a `UsageError` if nobody knows it. */
export async function loadCharset(name: string): Promise<Charset> {
  const label = whatwgName(name);
  const charset = unicode(name, label) ?? (label ? standard(name, label) : await byIconv(name));
  if (!charset) throw new UsageError(`--encoding ${name}`, "unknown encoding");
  return charset;
}

/**
 * Unicode's own encodings; a name that says no byte order leaves it to the mark at the beginning.
 */
function unicode(name: string, label?: string): Charset | undefined {
  if (label === "utf-16be") return wideUnicode(name, 2, "be");
  if (label === "utf-16le") return wideUnicode(name, 2, /le\s*$/i.test(name) ? "le" : "marked");
  switch (name.toLowerCase().replace(/[^0-9a-z]/g, "")) {
    case "utf8":
    case "unicode11utf8":
      return utf8;
    case "cesu8":
      return cesu8;
    case "utf16":
    case "ucs2":
      return wideUnicode(name, 2, "marked");
    case "utf16le":
      return wideUnicode(name, 2, "le");
    case "utf16be":
      return wideUnicode(name, 2, "be");
    case "utf32":
    case "ucs4":
      return wideUnicode(name, 4, "marked");
    case "utf32le":
    case "ucs4le":
      return wideUnicode(name, 4, "le");
    case "utf32be":
    case "ucs4be":
      return wideUnicode(name, 4, "be");
  }
}

function standard(name: string, label: string): Charset {
  if (label === utf8.name) return utf8;
  return label === ISO_2022_JP ? iso2022jp(name) : platformCharset(name, label);
}

/**
 * iconv-lite's own names for sets that the Standard has; the Standard's tables hold all of theirs.
 */
const STANDARD: Record<string, string> = {
  shiftjis: "shift_jis",
  eucjp: "euc-jp",
  cp936: "gbk",
  gbk: "gbk",
  gb18030: "gb18030",
  cp949: "euc-kr",
  cp950: "big5",
  big5hkscs: "big5",
};

async function byIconv(name: string): Promise<Charset | undefined> {
  const { default: iconv } = await import("iconv-lite");
  const { Buffer } = await import("node:buffer");
  if (!iconv.encodingExists(name)) return undefined;
  const { encodings } = iconv as unknown as { encodings: Record<string, unknown> };
  let own = name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, "");
  while (typeof encodings[own] === "string") own = encodings[own] as string;
  const label = STANDARD[own];
  if (label) return platformCharset(name, label);
  const { type } = encodings[own] as { type?: string };
  if (type !== "_sbcs" && own !== "binary") return unicode(own);
  return singleBytes(name, (byte) => iconv.decode(Buffer.of(byte), own));
}

/** @param decode The character of a byte, or U+FFFD. */
function singleBytes(name: string, decode: (byte: number) => string): Charset {
  const texts = Array.from({ length: 256 }, (_, byte) => decode(byte));
  const bytes = new Map<string, Uint8Array>();
  texts.forEach((char, byte) => bytes.has(char) || bytes.set(char, Uint8Array.of(byte)));
  bytes.delete("\ufffd");
  const scanner = new SequenceScanner(([byte]) =>
    texts[byte!] === "\ufffd" ? undefined : texts[byte!]
  );
  return {
    name,
    scanner: () => scanner,
    encoder: () => stateless((char) => bytes.get(char)),
  };
}
