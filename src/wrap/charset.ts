/**
 * Character sets by name: decoding by the platform's `TextDecoder` (the WHATWG's names), encoding
 * and all other names by iconv-lite, which is loaded only when a name is asked for.
 */
import type { Buffer } from "node:buffer";
import { concat } from "../core/bytes.ts";
import { UsageError } from "../core/errors.ts";
import type { Charset, Decoding, Encoding } from "./coding.ts";
import { iso2022jp } from "./iso_2022_jp.ts";
import { shiftOf, unbroken } from "./utf7.ts";
import { utf32 } from "./utf32.ts";
import { type ByteOrders, marked } from "./byte_order.ts";

type Iconv = typeof import("iconv-lite");

const REPLACEMENT = "\ufffd";
const STATEFUL = /^(iso-?2022-?jp|utf-?7|utf-?7-?imap|unicode-?1-?1-?utf-?7)$/i;

/**
 * Names of iconv-lite alone, without punctuation, for sets that the platform has under another one.
 * Its own decoder of them loses what follows an invalid byte at the end of a piece.
 */
const SAME_AS: readonly (readonly [names: RegExp, label: string])[] = [
  [/^(932|cp932|(cs|x)?s(hift)?jis|mskanji|(windows|ms)(932|31j))$/, "shift_jis"],
  [/^(936|(cp|ms|windows)936|xgbk|gb2312(80|1980)|euccn|isoir58)$/, "gbk"],
  [/^(949|(cp|ms|windows)949|euckr|isoir149|ksc?5601(1987|1989)?)$/, "euc-kr"],
  [/^(950|(cp|ms|windows)950|big5hkscs|(cn|xx)big5)$/, "big5"],
  [/^eucjp$/, "euc-jp"],
];

export const utf8: Charset = {
  name: "utf-8",
  stateful: false,
  unit: 1,
  decoder: (fatal) => platformDecoder("utf-8", fatal),
  encoder() {
    const encoder = new TextEncoder();
    return whole((text) => encoder.encode(text));
  },
  has: () => true,
};

/** UTF-16 and UTF-32 by any of their names; `utf-16` and `utf-32` alone say no byte order. */
const WIDE = /^(?:utf-?(16|32)|(ucs)-?([24])|unicode)(?:-?([lb])e)?$/i;

function wideCharset(name: string): Charset | undefined {
  const [whole, utf, , ucs, order] = WIDE.exec(name) ?? [];
  if (whole === undefined) return undefined;
  const wide = utf === "32" || ucs === "4";
  if (order) return ordered(wide, name, order.toLowerCase() === "l");
  const orders: ByteOrders = {
    big: ordered(wide, wide ? "utf-32be" : "utf-16be", false),
    little: ordered(wide, wide ? "utf-32le" : "utf-16le", true),
  };
  // Without a mark, UTF-16 is little-endian to everybody (Encoding Standard §4.2); UTF-32 isn't.
  const encoder = wide ? () => marked(orders) : orders.little.encoder;
  return { ...orders.little, name, orders, encoder };
}

function ordered(wide: boolean, name: string, littleEndian: boolean): Charset {
  return wide ? utf32(name, littleEndian) : utf16(name, littleEndian);
}

/** The character set of that name. Rejects with a `UsageError` if nobody knows it. */
export async function loadCharset(name: string): Promise<Charset> {
  const label = whatwgName(name);
  if (label === utf8.name) return utf8;
  const wide = wideCharset(name) ?? wideCharset(label ?? "");
  if (wide) return wide;
  const { default: iconv } = await import("iconv-lite");
  const { Buffer } = await import("node:buffer");
  const known = iconv.encodingExists(name);
  if (!label && !known) throw new UsageError(`--encoding ${name}`, "unknown encoding");
  const platform = label ?? sameAs(name);
  const decoder = (fatal: boolean) =>
    platform ? platformDecoder(platform, fatal) : iconvDecoder(iconv, Buffer.from, name, fatal);
  const encoder = encoderOf(iconv, label ?? name);
  const stateful = STATEFUL.test(label ?? name);
  return { name, stateful, unit: 1, decoder, encoder, has: repertoire(decoder, encoder) };
}

function sameAs(name: string): string | undefined {
  const plain = name.toLowerCase().replace(/[^a-z0-9]|:\d{4}$/g, "");
  return SAME_AS.find(([names]) => names.test(plain))?.[1];
}

/** UTF-16 of one byte order. */
function utf16(name: string, littleEndian: boolean): Charset {
  return {
    name,
    stateful: false,
    unit: 2,
    decoder: (fatal) => platformDecoder(littleEndian ? "utf-16le" : "utf-16be", fatal),
    encoder: () =>
      whole((text) => {
        const view = new DataView(new ArrayBuffer(2 * text.length));
        for (let i = 0; i < text.length; i++) {
          view.setUint16(2 * i, text.charCodeAt(i), littleEndian);
        }
        return new Uint8Array(view.buffer);
      }),
    has: () => true,
  };
}

/** Tries each character once. */
function repertoire(
  decoder: Charset["decoder"],
  encoder: Charset["encoder"],
): (char: string) => boolean {
  const known = new Uint8Array(0x110000);
  const [NO, YES] = [1, 2];
  const comesBack = (char: string) => {
    const encoding = encoder();
    const bytes = concat([encoding.write(char), encoding.end()]);
    const decoding = decoder(false);
    return decoding.write(bytes) + decoding.end() === char;
  };
  return (char) => {
    const code = char.codePointAt(0)!;
    return (known[code] ||= comesBack(char) ? YES : NO) === YES;
  };
}

/** The canonical name that the Encoding Standard (§4.2) has for a label. */
function whatwgName(label: string): string | undefined {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return undefined;
  }
}

/** A byte order mark is a character like any other: nothing is taken from what the peer says. */
function platformDecoder(label: string, fatal: boolean): Decoding {
  const decoder = new TextDecoder(label, { fatal, ignoreBOM: true });
  return {
    write: (bytes) => decoder.decode(bytes, { stream: true }),
    end: () => decoder.decode(),
  };
}

function iconvDecoder(
  iconv: Iconv,
  toBuffer: (bytes: ArrayBufferLike, offset: number, length: number) => Buffer,
  name: string,
  fatal: boolean,
): Decoding {
  const decoder = iconv.getDecoder(name, { stripBOM: false });
  const checked = (text: string) => {
    if (fatal && text.includes(REPLACEMENT)) throw new TypeError("invalid bytes");
    return text;
  };
  const decoding = {
    write: ({ buffer, byteOffset, length }: Uint8Array) =>
      checked(decoder.write(toBuffer(buffer, byteOffset, length))),
    end: () => checked(decoder.end() ?? ""),
  };
  const shift = shiftOf(name);
  return shift ? unbroken(decoding, shift) : decoding;
}

function encoderOf(iconv: Iconv, name: string): () => Encoding {
  if (name === "iso-2022-jp") {
    return () => iso2022jp((char) => iconv.encode(char, "euc-jp"));
  }
  if (!iconv.encodingExists(name)) return reversed(name);
  return () => {
    const encoder = iconv.getEncoder(name);
    return {
      write: (text) => encoder.write(text),
      end: () => encoder.end() ?? new Uint8Array(),
    };
  };
}

/** For the Standard's single-byte sets that iconv-lite lacks: its decoder's table, backwards. */
function reversed(label: string): () => Encoding {
  const decoder = new TextDecoder(label);
  const table = new Map<string, number>();
  for (let byte = 0; byte < 256; byte++) table.set(decoder.decode(Uint8Array.of(byte)), byte);
  const unknown = "?".charCodeAt(0);
  return () => whole((text) => Uint8Array.from(text, (char) => table.get(char) ?? unknown));
}

/** An encoding that keeps nothing from one piece to the next. */
function whole(encode: (text: string) => Uint8Array): Encoding {
  return { write: encode, end: () => new Uint8Array() };
}
