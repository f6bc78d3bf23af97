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

type Iconv = typeof import("iconv-lite");

const REPLACEMENT = "\ufffd";
const STATEFUL = /^(iso-?2022-?jp|utf-?7|utf-?7-?imap|unicode-?1-?1-?utf-?7|utf-?32|ucs-?4)$/i;

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

/** The character set of that name. Rejects with a `UsageError` if nobody knows it. */
export async function loadCharset(name: string): Promise<Charset> {
  const label = whatwgName(name);
  if (label === utf8.name) return utf8;
  const { default: iconv } = await import("iconv-lite");
  const { Buffer } = await import("node:buffer");
  const known = iconv.encodingExists(name);
  if (!label && !known) throw new UsageError(`--encoding ${name}`, "unknown encoding");
  const decoder = (fatal: boolean) =>
    label ? platformDecoder(label, fatal) : iconvDecoder(iconv, Buffer.from, name, fatal);
  const encoder = encoderOf(iconv, label ?? name);
  const stateful = STATEFUL.test(label ?? name);
  const unit = unitOf(label ?? name);
  return { name, stateful, unit, decoder, encoder, has: repertoire(decoder, encoder) };
}

function unitOf(name: string): number {
  if (/^(utf-?16|ucs-?2)/i.test(name)) return 2;
  return /^(utf-?32|ucs-?4)/i.test(name) ? 4 : 1;
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
