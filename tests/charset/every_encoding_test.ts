/** Decoding must not depend on how the peer's bytes were cut on their way. */
import { assert, assertEquals } from "@std/assert";
import { memoryPair } from "../support/memory.ts";
import { replacing } from "../../src/charset/decoder.ts";
import { loadCharset } from "../../src/charset/names.ts";
import type { Charset } from "../../src/charset/charset.ts";
import { encoded, ENCODING_ERRORS, type EncodingErrors } from "../../src/wrap/encoding.ts";
import { below, generator } from "../support/random.ts";

const { default: iconv } = await import("iconv-lite");
iconv.encodingExists("utf-8"); // Loads its list of names.

/** Names of the Encoding Standard (§4.2) that matter, and all that iconv-lite adds. */
const STANDARD = "utf-8 utf-16 utf-16le utf-16be ibm866 iso-8859-2 iso-8859-8-i koi8-u macintosh " +
  "windows-874 windows-1258 x-mac-cyrillic gbk gb18030 big5 euc-jp iso-2022-jp shift_jis euc-kr " +
  "csunicode unicodefffe utf-32 utf-32le utf-32be ucs4 cp949 cp932 cp936 cp950 windows-31j";
const OTHERS = Object.keys((iconv as unknown as { encodings: object }).encodings)
  .filter((name) =>
    !name.startsWith("_") && !/^(base64|hex|(unicode11)?utf7(imap)?|\d+)$/.test(name)
  );
const NAMES = [...new Set([...STANDARD.split(" "), ...OTHERS])];
/** Encodings that are slow to check: a quarter of the inputs has to do. */
const RARE = new Set(OTHERS.filter((name) => !STANDARD.includes(name)));

/** Reads all that a peer sends in `pieces`, and how it ended; each piece's bytes are reused. */
async function read(pieces: readonly Uint8Array[], charset: Charset, errors: EncodingErrors) {
  const [client, target] = memoryPair();
  const connection = encoded(client, charset, errors);
  const reading = (async () => {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    const buffer = new Uint8Array(64);
    let text = "";
    try {
      for (
        let count = await connection.read(buffer);
        count !== null;
        count = await connection.read(buffer)
      ) {
        text += decoder.decode(buffer.subarray(0, count), { stream: true });
        buffer.fill(0x41);
      }
      return text;
    } catch (error) {
      return `${text} ${(error as Error).message}`;
    }
  })();
  for (const piece of pieces) if (piece.length > 0) await target.write(piece);
  await target.closeWrite();
  const text = await reading;
  client.close();
  target.close();
  return text;
}

/** Bytes that are text, nearly text, or none, with those that encodings treat specially. */
function input(random: ReturnType<typeof generator>): Uint8Array<ArrayBuffer> {
  const special = [0x0a, 0, 0x1b, 0x24, 0x42, 0x28, 0x30, 0x39, 0x7e, 0x2b, 0x2d, 0xfe, 0xff, 0xd8];
  return Uint8Array.from({ length: 1 + below(random, 10) }, () => {
    const kind = below(random, 6);
    if (kind < 3) return 0x80 + below(random, 0x80);
    return kind < 5 ? 0x20 + below(random, 0x5f) : special[below(random, special.length)]!;
  });
}

for (const errors of ENCODING_ERRORS) {
  Deno.test(`--encoding-errors ${errors}: every encoding is the same however its bytes are cut`, async () => {
    const random = generator(7);
    for (const name of NAMES) {
      const charset = await loadCharset(name);
      for (let turn = 0; turn < (RARE.has(name) ? 3 : 12); turn++) {
        const bytes = input(random);
        const whole = await read([bytes], charset, errors);
        const shown = `${name}: ${bytes.toHex()}`;
        for (let cut = 1; cut < bytes.length; cut++) {
          const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
          assertEquals(await read(pieces, charset, errors), whole, `${shown} at ${cut}`);
        }
        const single = Array.from(bytes, (byte) => Uint8Array.of(byte));
        assertEquals(await read(single, charset, errors), whole, `${shown}, byte by byte`);
      }
    }
  });
}

for (
  const [name, pieces, text] of [
    ["cp949", ["41f0", "54", "420a"], "A\ufffdTB\n"],
    ["cp932", ["4181", "0a"], "A\ufffd\n"],
    ["cp936", ["41f0", "0a"], "A\ufffd\n"],
    ["cp950", ["41f0", "0a"], "A\ufffd\n"],
    [
      "utf-32le",
      [..."abcdefgh\n"].map((char) => char.charCodeAt(0).toString(16).padStart(2, "0") + "000000"),
      "abcdefgh\n",
    ],
    ["utf-32", ["fffe000061000000"], "a"],
    ["utf-32", ["0000", "feff", "00000061"], "a"],
    ["ucs4", ["61000000"], "a"],
    ["utf-16", ["fe", "ff0061"], "a"],
    ["utf-16", ["fffe6100"], "a"],
    ["utf-16", ["6100"], "a"],
    ["utf-16be", ["feff0061"], "\ufeffa"],
  ] as const
) {
  Deno.test(`${name} ${pieces.join(" ")} is ${JSON.stringify(text)}`, async () => {
    const bytes = pieces.map((piece) => Uint8Array.fromHex(piece));
    assertEquals(await read(bytes, await loadCharset(name), "replace"), text);
  });
}

Deno.test("a character of UTF-32 is read as soon as its bytes are there", async () => {
  const decoder = replacing(await loadCharset("utf-32le"));
  assertEquals(decoder.write(Uint8Array.fromHex("610000")), "");
  assertEquals(decoder.write(Uint8Array.fromHex("00")), "a");
});

for (
  const [name, hex] of [
    ["utf-32", "fffe0000610000000a000000"],
    ["ucs4", "fffe0000610000000a000000"],
    ["utf-32le", "610000000a000000"],
    ["utf-32be", "000000610000000a"],
    ["utf-16", "61000a00"],
    ["utf-16be", "0061000a"],
    ["cp949", "610a"],
  ] as const
) {
  Deno.test(`a line in ${name} is sent as ${hex}`, async () => {
    const [client, target] = memoryPair();
    const connection = encoded(client, await loadCharset(name), "replace");
    const sending = (async () => {
      for (const char of "a\n") await connection.write(new TextEncoder().encode(char));
      await connection.closeWrite();
    })();
    let sent = "";
    const buffer = new Uint8Array(64);
    for (let n = await target.read(buffer); n !== null; n = await target.read(buffer)) {
      sent += buffer.subarray(0, n).toHex();
    }
    await sending;
    assertEquals(sent, hex);
    client.close();
    target.close();
  });
}

Deno.test("every encoding sends and reads its own text back", async () => {
  for (const name of NAMES) {
    const charset = await loadCharset(name);
    const text = "A line, 1\n";
    const encoder = charset.encoder();
    const sent = [...text].map((char) => encoder.encode(char)!);
    assert((await read(sent, charset, "replace")) === text, name);
  }
});
