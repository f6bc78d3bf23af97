/** Every character set by name, however the input is cut and whatever it is. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import iconv from "iconv-lite";
import { ScanningDecoder } from "../../src/charset/decoder.ts";
import { loadCharset } from "../../src/charset/names.ts";
import { whatwgName } from "../../src/charset/labels.ts";
import { platformDecoder } from "../../src/charset/platform.ts";
import { concat } from "../../src/core/bytes.ts";
import { UsageError } from "../../src/core/errors.ts";
import { encoded, ENCODING_ERRORS, type EncodingErrors } from "../../src/wrap/encoding.ts";
import { encode, Script } from "../support/connections.ts";
import { below, type Generator, generator, pick } from "../support/random.ts";

/** The Encoding Standard's names (§4.2), but for `replacement`, which decodes nothing. */
const STANDARD = [
  ..."utf-8 utf-16le utf-16be gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr".split(" "),
  ..."ibm866 koi8-r koi8-u macintosh x-mac-cyrillic windows-874 x-user-defined".split(" "),
  ...[2, 3, 4, 5, 6, 7, 8, 10, 13, 14, 15, 16].map((part) => `iso-8859-${part}`),
  ...[0, 1, 2, 3, 4, 5, 6, 7, 8].map((page) => `windows-125${page}`),
];

/** iconv-lite's names for what isn't one byte a character, with names that users know. */
const WIDE = [
  ..."cp932 windows-932 ms932 cp936 euccn cp949 korean cp950 eucjp big5-hkscs".split(" "),
  ..."utf-16 utf16 utf16le ucs2 utf-32 utf32le utf-32be ucs4 ucs-4le ucs4be cesu-8".split(" "),
];

/** Some of iconv-lite's tables of single bytes. */
const SINGLE = "cp437 cp720 cp850 cp864 ascii8bit armscii8 binary tcvn iso646jp 10029".split(" ");

const NAMES = [...STANDARD, ...WIDE, ...SINGLE];

/** A byte order mark at the beginning is text like any other. */
const decode = (bytes: Uint8Array) => new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);

/** Bytes that begin, continue, shift or order a character in some set. */
const SPECIAL_BYTES = Uint8Array.fromHex(
  "0a1b242840424a494154307e800081828e8fa0a1a4b0c3c4d0d8dcddedeff0f4fcfdfeff3d21",
);

function randomInput(random: Generator): Uint8Array {
  const byte = () => below(random, 4) === 0 ? below(random, 256) : pick(random, [...SPECIAL_BYTES]);
  return Uint8Array.from({ length: 1 + below(random, 10) }, byte);
}

/** Decodes `chunks`: the text and, if decoding failed, the error. */
async function outcome(
  name: string,
  chunks: Uint8Array[],
  errors: EncodingErrors,
): Promise<string> {
  const connection = encoded(new Script(chunks), await loadCharset(name), errors);
  const buffer = new Uint8Array(64); // Reused for every chunk, as a pump does.
  const parts: Uint8Array[] = [];
  try {
    for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
      parts.push(buffer.slice(0, n));
      buffer.fill(0x68);
    }
  } catch (error) {
    return `${decode(concat(parts))} ${(error as Error).message}`;
  }
  return decode(concat(parts));
}

/** Every way to cut in two, and all single bytes. */
function cuts(input: Uint8Array): Uint8Array[][] {
  const inTwo = Array.from(input, (_, at) => [input.subarray(0, at), input.subarray(at)]);
  return [...inTwo, Array.from(input, (byte) => Uint8Array.of(byte))]
    .map((pieces) => pieces.filter(({ length }) => length > 0));
}

Deno.test("invalid bytes are replaced where the Encoding Standard's decoders replace them", async () => {
  for (const name of STANDARD) {
    const charset = await loadCharset(name);
    for (let seed = 1; seed <= 2000; seed++) {
      const input = randomInput(generator(seed));
      const scanning = new ScanningDecoder(charset, () => "\ufffd");
      const platform = platformDecoder(whatwgName(name)!);
      assertEquals(
        scanning.write(input) + scanning.finish(),
        platform.write(input) + platform.finish(),
        `${name}: ${input.toHex()}`,
      );
    }
  }
});

/** The standard's sets of single bytes. */
const ONE_BYTE = /^(?:iso-8859-|windows-(?:125|874)|koi8-|ibm|macintosh|x-)/;

/**
 * All characters but surrogates and those of planes that have few; for a set of single bytes, which
 * has none beyond the first plane, only the first of the second one.
 */
function* characters(name: string): Iterable<string> {
  const limit = SINGLE.includes(name) || ONE_BYTE.test(name) ? 0x10100 : 0x30000;
  for (let code = 0; code < limit; code++) {
    if (code < 0xd800 || code > 0xdfff) yield String.fromCodePoint(code);
  }
}

Deno.test("a character that is sent comes back as itself, and Unicode's sets have all", async () => {
  for (const name of NAMES) {
    const charset = await loadCharset(name);
    const encoder = charset.encoder();
    const sent: Uint8Array[] = [];
    let text = "";
    let missing = "";
    for (const char of characters(name)) {
      const bytes = encoder.encode(char);
      if (bytes) [text, sent[sent.length]] = [text + char, bytes];
      else missing += char;
    }
    sent.push(encoder.finish());
    const decoding = new ScanningDecoder(charset, () => "\ufffd");
    const back = decoding.write(concat(sent)) + decoding.finish();
    assert(back === text, name);
    const whole = /^(utf|ucs|gb18030|cesu)/.test(name); // GB 18030 lacks private-use characters.
    assert(whole ? /^\p{Co}*$/u.test(missing) : text.length >= 95, `${name} lacks ${missing}`);
  }
});

Deno.test("every character of a set can be sent: the platform's tables are inverted completely", async () => {
  for (const name of ["gbk", "gb18030", "big5", "euc-kr", "shift_jis", "euc-jp"]) {
    const encoder = (await loadCharset(name)).encoder();
    for (let lead = 0x81; lead < 0xff; lead++) {
      const bytes = Uint8Array.from({ length: 0xbf }, (_, at) => 0x40 + at)
        .values().map((trail) => Uint8Array.of(lead, trail, 0x0a));
      const pairs = new TextDecoder(name).decode(concat([...bytes])).split("\n");
      const chars = pairs.filter((text) => [...text].length === 1 && text !== "\ufffd");
      const lost = chars.filter((char) => !encoder.encode(char));
      assertEquals(lost, [], `${name}, lead ${lead}`);
    }
  }
});

Deno.test("what is sent doesn't depend on how it was cut, in every set", async () => {
  const text = encode("aé\\~日本ｶЖ😀\u00ca\u0304\ufeff한\n");
  for (const name of NAMES) {
    for (const errors of ["replace", "escape"] as const) {
      const sent = async (pieces: Uint8Array[]) => {
        const script = new Script();
        const connection = encoded(script, await loadCharset(name), errors);
        for (const piece of pieces) await connection.write(piece);
        await connection.closeWrite();
        return concat(script.written).toHex();
      };
      const whole = await sent([text]);
      for (const pieces of cuts(text)) assertEquals(await sent(pieces), whole, name);
    }
  }
});

Deno.test("a character is shown with its last byte, and sent at once, in every set", async () => {
  for (const name of NAMES) {
    for (const errors of ENCODING_ERRORS) {
      const charset = await loadCharset(name);
      const script = new Script();
      const sender = encoded(script, charset, errors);
      for (const char of "ab\n") {
        await sender.write(encode(char));
        const last = concat(script.written.splice(0));
        const receiver = encoded(
          new Script([...last].map((b) => Uint8Array.of(b))),
          charset,
          errors,
        );
        const buffer = new Uint8Array(9);
        assertEquals(decode(buffer.subarray(0, (await receiver.read(buffer))!)), char, name);
      }
    }
  }
});

const MARKED: [name: string, hex: string, text: string][] = [
  ["utf-16", "fffe61000a00", "a\n"],
  ["utf-16", "feff0061000a", "a\n"],
  ["utf-16", "61000a00", "a\n"],
  ["utf-16", "6100fffe", "a\ufeff"],
  ["ucs-2", "feff0061", "a"],
  ["unicode", "feff0061", "a"],
  ["utf-16le", "fffe6100", "\ufeffa"],
  ["utf-16be", "feff0061", "\ufeffa"],
  ["utf-32", "fffe00006100000000f60100", "a😀"],
  ["utf-32", "0000feff000000610001f600", "a😀"],
  ["utf-32", "610000000a000000", "a\n"],
  ["utf-32", "000000610000000a", "a\n"],
  ["ucs4", "0000feff00000061", "a"],
  ["utf-32be", "0000feff00000061", "\ufeffa"],
  ["cesu-8", "61eda0bdedb88062", "a😀b"],
];

for (const [name, hex, text] of MARKED) {
  Deno.test(`${name} ${hex} is ${JSON.stringify(text)}, cut anywhere`, async () => {
    const input = Uint8Array.fromHex(hex);
    for (const errors of ENCODING_ERRORS) {
      for (const pieces of [[input], ...cuts(input)]) {
        assertEquals(await outcome(name, pieces, errors), text, errors);
      }
    }
  });
}

Deno.test("each name that iconv-lite has for text is known, and each that isn't text is refused", async () => {
  assert(iconv.encodingExists("utf8"));
  const { encodings } = iconv as unknown as { encodings: Record<string, unknown> };
  const names = Object.keys(encodings).filter((name) => !name.startsWith("_"));
  assert(names.length > 400);
  const NO_TEXT = /^(base64|hex|utf7|utf7imap|unicode11utf7)$/;
  for (const name of names) {
    if (NO_TEXT.test(name)) await assertRejects(() => loadCharset(name), UsageError, "unknown");
    else assertEquals((await loadCharset(name)).encoder().encode("a")?.includes(0x61), true, name);
  }
});
