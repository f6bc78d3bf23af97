/**
 * Character sets by name. The platform has those of the Encoding Standard (WHATWG). iconv-lite,
 * which is loaded only for other names, has more names for these, and single-byte sets.
 */
import { UsageError } from "../core/errors.ts";
import { suggestion } from "../core/nearest.ts";
import { cesu8 } from "./cesu8.ts";
import { type Charset, stateless } from "./charset.ts";
import { iso2022jp, ISO_2022_JP } from "./iso_2022_jp.ts";
import { isUtf8, whatwgName } from "./labels.ts";
import { platformCharset } from "./platform.ts";
import { SequenceScanner } from "./sequences.ts";
import { utf8, wideUnicode } from "./unicode.ts";

/** Names that are probably meant by one that is mistyped. */
const COMMON = [
  ...["utf-8", "utf-16le", "utf-16be", "gbk", "gb18030", "gb2312", "big5", "shift_jis", "euc-jp"],
  ...["iso-2022-jp", "euc-kr", "iso-8859-1", "latin1", "windows-1252", "windows-1251", "koi8-r"],
];

/** Loads a character set by name. Rejects with a `UsageError` for an unknown name. */
export async function loadCharset(name: string): Promise<Charset> {
  const label = whatwgName(name);
  const charset = unicode(name, label) ?? (label ? standard(name, label) : await byIconv(name));
  if (!charset) {
    throw new UsageError(`--encoding ${name}`, `unknown encoding${suggestion(name, COMMON)}`);
  }
  return charset;
}

/** Unicode's own encodings; without a byte order in its name, the byte order mark decides. */
function unicode(name: string, label?: string): Charset | undefined {
  if (isUtf8(name)) return utf8;
  if (label === "utf-16be") return wideUnicode(name, 2, "be");
  if (label === "utf-16le") return wideUnicode(name, 2, /le\s*$/i.test(name) ? "le" : "marked");
  switch (name.toLowerCase().replace(/[^0-9a-z]/g, "")) {
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
  return label === ISO_2022_JP ? iso2022jp(name) : platformCharset(name, label);
}

/** iconv-lite's names for sets that the Standard has with a superset of the characters. */
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
  let key = name.toLowerCase().replace(/:\d{4}$|[^0-9a-z]/g, "");
  while (typeof encodings[key] === "string") key = encodings[key] as string;
  const label = STANDARD[key];
  if (label) return platformCharset(name, label);
  const { type } = encodings[key] as { type?: string };
  if (type !== "_sbcs" && key !== "binary") return unicode(key);
  return singleBytes(name, (byte) => iconv.decode(Buffer.of(byte), key));
}

/** @param decode Yields the character of a byte, or U+FFFD. */
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
