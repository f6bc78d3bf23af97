import { assert, assertEquals, assertRejects } from "@std/assert";
import { concat } from "../../src/core/bytes.ts";
import { EncodingError, ResetError, UsageError } from "../../src/core/errors.ts";
import { loadCharset } from "../../src/charset/names.ts";
import { encoded, type EncodingErrors } from "../../src/wrap/encoding.ts";
import { decode, encode, MessageScript, readAll, Script } from "../support/connections.ts";
import { below, chop, generator, pick } from "../support/random.ts";

type Chunks = (string | Uint8Array)[];

/** Decodes what a peer that uses `name` sends. */
async function received(name: string, chunks: Chunks, errors: EncodingErrors = "replace") {
  const connection = encoded(new Script(chunks), await loadCharset(name), errors);
  return decode(await readAll(connection, 7)); // A small buffer: text must wait for its turn.
}

/** Encodes our bytes for a peer that uses `name`. */
async function sent(name: string, chunks: Chunks, errors: EncodingErrors = "replace") {
  const script = new Script();
  const connection = encoded(script, await loadCharset(name), errors);
  for (const chunk of chunks) {
    await connection.write(typeof chunk === "string" ? encode(chunk) : chunk);
  }
  await connection.closeWrite();
  return concat(script.written).toHex();
}

const bytes = (hex: string) => Uint8Array.fromHex(hex);

/** Every character set that users name, with text that it has. */
const SAMPLES: [name: string, text: string, hex?: string][] = [
  ["utf-8", "é😀\ufeff"],
  ["gbk", "你好, gbk", "c4e3bac32c2067626b"],
  ["gb18030", "你😀", "c4e39439fc36"],
  ["big5", "繁體", "c163c5e9"],
  ["shift_jis", "日本ｶﾅ", "93fa967bb6c5"],
  ["euc-jp", "日本", "c6fccbdc"],
  ["iso-2022-jp", "a日本ｶb", "611b2442467c4b5c1b2849361b284262"],
  ["euc-kr", "한글", "c7d1b1db"],
  ["utf-16le", "a😀\ufeff", "61003dd800defffe"],
  ["utf-16be", "é", "00e9"],
  ["windows-1252", "€é", "80e9"],
  ["latin1", "é€", "e980"],
  ["iso-8859-2", "łż", "b3bf"],
  ["koi8-r", "привет", "d0d2c9d7c5d4"],
  ["windows-1251", "Ж", "c6"],
  ["macintosh", "é", "8e"],
  ["x-mac-cyrillic", "Ж", "86"],
  ["x-user-defined", "a\uf780", "6180"],
  ["cp437", "é░", "82b0"],
  ["cp850", "é", "82"],
  ["utf-32le", "😀", "00f60100"],
  ["utf-32be", "é", "000000e9"],
];

for (const [name, text, hex] of SAMPLES) {
  Deno.test(`${name}: text survives encoding and decoding, cut anywhere, under each policy`, async () => {
    for (const errors of ["replace", "strict", "escape"] as const) {
      const encoded = await sent(name, [text], errors);
      if (hex) assertEquals(encoded, hex, errors);
      const parts = [...encode(text)].map((byte) => Uint8Array.of(byte));
      assertEquals(bytes(await sent(name, parts, errors)).length, bytes(encoded).length);
      assertEquals(await received(name, [bytes(encoded)], errors), text, errors);
      const single = [...bytes(encoded)].map((byte) => Uint8Array.of(byte));
      assertEquals(await received(name, single, errors), text, `${errors}, byte by byte`);
    }
  });
}

Deno.test("random text survives random chunking in every multi-byte set", async () => {
  for (const name of ["gbk", "gb18030", "shift_jis", "euc-kr", "iso-2022-jp", "utf-16le"]) {
    const charset = await loadCharset(name);
    for (let seed = 1; seed <= 40; seed++) {
      const random = generator(seed);
      const text = Array.from(
        { length: below(random, 60) },
        () => pick(random, [..."aZ\n日本語〇"]),
      )
        .filter((char) => charset.encoder().encode(char)).join("");
      const wire = bytes(await sent(name, chop(random, encode(text), 5), "strict"));
      for (const errors of ["replace", "strict", "escape"] as const) {
        const decoded = await received(name, chop(random, wire, 5), errors);
        assertEquals(decoded, text, `${name}, ${errors}, seed ${seed}`);
      }
    }
  }
});

Deno.test("an unknown name is a usage error that quotes it", async () => {
  const error = await assertRejects(() => loadCharset("klingon"), UsageError);
  assertEquals(error.message, "--encoding klingon: unknown encoding");
});

Deno.test("a mistyped name is answered with the one that is probably meant", async () => {
  for (
    const [typed, meant] of [["gkb", "gbk"], ["gb1803", "gb18030"], ["shift-jsi", "shift_jis"]]
  ) {
    const error = await assertRejects(() => loadCharset(typed!), UsageError);
    assertEquals(error.message, `--encoding ${typed}: unknown encoding; did you mean ${meant}?`);
  }
});

Deno.test("replace puts U+FFFD for invalid bytes and ? for missing characters", async () => {
  assertEquals(await received("gbk", [bytes("61ff62")]), "a\ufffdb");
  assertEquals(await received("gbk", [bytes("61c4")]), "a\ufffd");
  assertEquals(await sent("windows-1252", ["a😀\ufffdb"]), "613f3f62");
  assertEquals(await sent("gbk", [bytes("61ff")]), "613f");
});

Deno.test("escape shows invalid bytes and missing characters by number", async () => {
  assertEquals(await received("gbk", [bytes("61ff62")], "escape"), "a\\xffb");
  assertEquals(await received("gbk", [bytes("c4e3c4")], "escape"), "你\\xc4");
  assertEquals(await received("utf-8", [bytes("e28261")], "escape"), "\\xe2\\x82a");
  assertEquals(await received("cp949", [bytes("61ffff62")], "escape"), "a\\xff\\xffb");
  assertEquals(decode(bytes(await sent("latin1", ["a😀☃"], "escape"))), "a\\u{1F600}\\u{2603}");
  assertEquals(decode(bytes(await sent("latin1", [bytes("61ff62")], "escape"))), "a\\xffb");
});

const wide: [name: string, invalid: string, hex: string, shown: string][] = [
  ["utf-16le", "a surrogate alone", "61006200" + "00d8" + "63006400", "ab\\x00\\xd8cd"],
  ["utf-16be", "a second surrogate alone", "00610062" + "dc00" + "0063", "ab\\xdc\\x00c"],
  ["utf-16le", "two first surrogates", "00d8" + "3dd800de" + "6100", "\\x00\\xd8😀a"],
  ["utf-16le", "half a unit at the end", "6100" + "62", "a\\x62"],
  ["utf-16le", "half a pair at the end", "6100" + "3dd8", "a\\x3d\\xd8"],
  ["utf-32le", "a number too high", "61000000" + "00001100" + "62000000", "a\\x00\\x00\\x11\\x00b"],
  ["utf-32be", "a number too high", "00000061" + "00110000" + "00000062", "a\\x00\\x11\\x00\\x00b"],
  ["utf-32le", "half a unit at the end", "61000000" + "6200", "a\\x62\\x00"],
];

for (const [name, invalid, hex, shown] of wide) {
  Deno.test(`escape shows ${invalid} in ${name} and nothing around it, cut anywhere`, async () => {
    for (const size of [1, 2, 3, 5, 99]) {
      const pieces = hex.match(new RegExp(`.{1,${size * 2}}`, "g"))!.map(bytes);
      assertEquals(await received(name, pieces, "escape"), shown, `pieces of ${size}`);
    }
  });
}

Deno.test("escape shows an invalid byte at once, not with what comes next", async () => {
  const connection = encoded(new Script([bytes("61ff"), "b"]), await loadCharset("gbk"), "escape");
  const buffer = new Uint8Array(99);
  assertEquals(decode(buffer.subarray(0, (await connection.read(buffer))!)), "a\\xff");
});

Deno.test("strict reports the byte offset, counted over all received bytes", async () => {
  const cases: [chunks: Chunks, offset: number][] = [
    [[bytes("61ff62")], 1],
    [["abc", bytes("c4"), bytes("e3ff")], 5],
    [[bytes("c4e3c4")], 2],
    [["a".repeat(70_000), bytes("ff")], 70_000],
  ];
  for (const [chunks, offset] of cases) {
    const error = await assertRejects(() => received("gbk", chunks, "strict"), EncodingError);
    assertEquals(error.status, 10);
    assert(error.message.includes(`at offset ${offset} is not gbk`), error.message);
  }
});

Deno.test("strict reports where the invalid UTF-16 unit begins", async () => {
  const wire = bytes("61006200" + "00d8" + "6300");
  const error = await assertRejects(() => received("utf-16le", [wire], "strict"), EncodingError);
  assertEquals(
    error.message,
    "receive from script: byte 0x00 at offset 4 is not utf-16le",
  );
});

Deno.test("strict reports the byte offset of a character that can't be sent", async () => {
  const error = await assertRejects(() => sent("gbk", ["é", "a😀"], "strict"), EncodingError);
  assertEquals(error.message, "send to script: gbk has no U+1F600, at byte offset 3");
});

Deno.test("strict delivers what comes before the error", async () => {
  const script = new Script([bytes("6162ff63")]);
  const connection = encoded(script, await loadCharset("gbk"), "strict");
  const buffer = new Uint8Array(99);
  assertEquals(decode(buffer.subarray(0, (await connection.read(buffer))!)), "ab");
  await assertRejects(() => connection.read(buffer), EncodingError);
  await assertRejects(() => connection.write(encode("xy😀z")), EncodingError);
  assertEquals(script.text, "xy");
});

Deno.test("messages are coded each by itself; text messages are UTF-8 already", async () => {
  const cut = { data: bytes("c4") };
  const script = new MessageScript([{ data: bytes("c4e3") }, cut, {
    data: encode("é"),
    text: true,
  }]);
  const channel = encoded(script, await loadCharset("gbk"), "replace");
  assertEquals(decode((await channel.receive())!.data), "你");
  assertEquals(decode((await channel.receive())!.data), "\ufffd");
  assertEquals(decode((await channel.receive())!.data), "é");
  assertEquals(await channel.receive(), null);
  await channel.send({ data: encode("你"), text: false });
  await channel.send({ data: encode("你"), text: true });
  await channel.send({ data: new Uint8Array() });
  assertEquals(script.sent.map(({ data }) => data.toHex()), ["c4e3", "e4bda0", ""]);
});

Deno.test("a reset loses nothing that was received before it, not even half a character", async () => {
  const reset = new ResetError("receive from", "script");
  for (const [name, hex, text] of [["gbk", "61c4", "a\ufffd"], ["utf-8", "61c3", "a\ufffd"]]) {
    for (const cut of [1, 2]) {
      const all = bytes(hex!);
      const script = new Script([all.subarray(0, cut), all.subarray(cut)]);
      const read = script.read.bind(script);
      script.read = async (buffer) => await read(buffer) ?? Promise.reject(reset);
      const connection = encoded(script, await loadCharset(name!), "replace");
      let got = "";
      const buffer = new Uint8Array(100);
      const failed = await assertRejects(async () => {
        for (;;) got += decode(buffer.subarray(0, (await connection.read(buffer))!));
      });
      assertEquals([got, failed], [text!, reset]);
    }
  }
});
