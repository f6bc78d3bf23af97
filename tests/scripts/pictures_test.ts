/** How terminals become pictures: colors, cells and text as they are, and nothing else. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { type Color, readRows } from "../../scripts/pictures/ansi.ts";
import { contrast, GROUND, QUIET, shadesOf } from "../../scripts/pictures/palette.ts";
import { masked, save } from "../../scripts/pictures/save.ts";
import { drawTerminals } from "../../scripts/pictures/terminal_svg.ts";
import { temporary } from "../e2e/coax.ts";
import { textsOf } from "../ladder/xml.ts";

/** The runs of one row, shortly: column, text, width. */
function places(row: string): (string | number)[][] {
  return readRows(row)[0]!.map(({ column, text, width }) => [column, text, width]);
}

/** The look of each text in a row. */
function looks(row: string): Record<string, unknown> {
  const runs = readRows(row)[0]!;
  return Object.fromEntries(runs.map(({ text, look }) => {
    return [text, Object.fromEntries(Object.entries(look).filter(([, value]) => value))];
  }));
}

function draw(text: string, cursor?: { column: number; row: number }): string {
  return drawTerminals([{ title: "a < b", columns: 20, rows: readRows(text), cursor }], "<&>");
}

/** The `<text>` elements of what is drawn, without those of the frame. */
function drawn(text: string): string[] {
  return [...draw(text).matchAll(/<text (?!class="title")[^]*?<\/text>/g)].map(([one]) => one);
}

Deno.test("colors, weights and their ends are read as terminals do", () => {
  assertEquals(looks("\x1b[31mred\x1b[39m \x1b[1;92mbright\x1b[0m \x1b[2mdim\x1b[22m plain"), {
    red: { color: 1 },
    bright: { color: 10, bold: true },
    dim: { dim: true },
    plain: {},
  });
  assertEquals(looks("\x1b[3;4;7mall\x1b[23;24;27m none \x1b[44;103mback\x1b[m."), {
    all: { italic: true, underline: true, inverse: true },
    "none": {},
    back: { back: 11 },
    ".": {},
  });
});

Deno.test("colors of xterm's 256 and of 24 bits are read", () => {
  const colors = {
    "38;5;9": 9,
    "38;5;16": "#000000",
    "38;5;196": "#ff0000",
    "38;5;64": "#5f8700",
    "38;5;255": "#eeeeee",
    "38;2;1;2;255": "#0102ff",
  };
  for (const [code, color] of Object.entries(colors)) {
    assertEquals(looks(`\x1b[${code}mx`), { x: { color } }, code);
  }
  assertEquals(looks("\x1b[48;5;21;1mx"), { x: { back: "#0000ff", bold: true } });
});

Deno.test("a look goes on in the next row", () => {
  const [, second] = readRows("\x1b[35ma\nb\x1b[39m");
  assertEquals(second!.map(({ text, look }) => [text, look.color]), [["b", 5]]);
});

Deno.test("what isn't text or a look is refused, not left out", () => {
  for (const bad of ["\x1b[2J", "\x1b]8;;http://x\x1b\\", "a\tb", "\x07", "\x9b1m", "\x1b[6mx"]) {
    assertThrows(() => readRows(bad), Error, "a picture can't show");
  }
});

Deno.test("every run begins at its cell, whatever the width of characters before it", () => {
  assertEquals(places("ab 你好! x"), [[0, "ab", 2], [3, "你好", 4], [7, "! x", 3]]);
  assertEquals(places("é→ 🍵 z"), [[0, "é→", 2], [3, "🍵", 2], [6, "z", 1]]);
  assertEquals(places("e\u0301 ⚡ z"), [[0, "e\u0301", 1], [2, "⚡", 2], [5, "z", 1]]);
  assertEquals(places("  far   away  "), [[2, "far", 3], [8, "away", 4]]);
  assertEquals(places("\x1b[44m  \x1b[49m  a"), [[0, "  ", 2], [4, "a", 1]]);
});

Deno.test("a run is as long as its cells, and wide characters have two each", () => {
  assertEquals(drawn("hi 你好 x"), [
    '<text x="14" y="59" textLength="16.8">hi</text>',
    '<text x="40.6 57.4" y="59">你好</text>',
    '<text x="81.2" y="59" textLength="8.4">x</text>',
  ]);
  assertEquals(drawn("──┼"), [
    '<text x="14" y="59" textLength="25.2" lengthAdjust="spacingAndGlyphs">──┼</text>',
  ]);
});

Deno.test("text is escaped, and can be read out of the picture again", () => {
  const hostile = `</text><script>alert("1")</script> & 'so'`;
  const picture = draw(`\x1b[31m${hostile}\x1b[0m`);
  const texts = textsOf(picture).filter(({ tag, text }) => tag === "text" && text === hostile);
  assertEquals(texts.length, 1);
  assert(!picture.includes("<script"));
  assertEquals(textsOf(picture).filter(({ text }) => text === "a < b" || text === "<&>").length, 2);
});

Deno.test("colors become classes with a shade for light and one for dark", () => {
  const picture = draw("\x1b[31mred \x1b[7mback");
  const { light, dark } = shadesOf(1);
  assertMatch(
    picture,
    new RegExp(`--c1: ${light};[^]*prefers-color-scheme: dark[^]*--c1: ${dark}`),
  );
  assertMatch(picture, /class="c1">red</);
  assertMatch(picture, /<rect class="c1"[^>]*\/>\n<text [^>]*class="ground">back</);
});

Deno.test("the cursor is where the terminal has it", () => {
  assertMatch(draw("a\nb", { column: 2, row: 1 }), /class="cursor" x="30\.8" y="64"/);
  assert(!draw("a").includes('class="cursor"'));
});

Deno.test("every color can be read, in light and in dark", () => {
  const cube = Array.from({ length: 256 }, (_, i) => readRows(`\x1b[38;5;${i}mx`)[0]![0]!);
  const colors: Color[] = cube.map(({ look }) => look.color!);
  for (const shades of [QUIET, ...colors.map(shadesOf)]) {
    for (const shade of ["light", "dark"] as const) {
      const ratio = contrast(shades[shade], GROUND[shade]);
      assert(ratio >= 4.5, `${shades[shade]} on ${GROUND[shade]}: ${ratio}`);
    }
  }
});

Deno.test("contrast is that of WCAG", () => {
  assertEquals(contrast("#000000", "#ffffff"), 21);
  assertEquals(contrast("#777777", "#ffffff").toFixed(2), "4.48");
});

Deno.test("a picture that differs in times and ports alone isn't written again", async () => {
  await using folder = await temporary();
  const file = `${folder.path}/a.svg`;
  const picture = (time: string, port: number, bytes = 6) =>
    `<text>${time} 127.0.0.1:${port}, ${bytes} bytes in 0.${port} s, 17:24:21.${
      port % 1000
    }</text>`;
  assertEquals(masked(picture("9.87 ms", 57948)), masked(picture("10.4 ms", 40123)));
  assert(await save(file, picture("1 ms", 57948)));
  assert(!await save(file, picture("2 ms", 40123)));
  assertEquals(await Deno.readTextFile(file), picture("1 ms", 57948));
  assert(await save(file, picture("2 ms", 40123, 7)));
  assertEquals(await Deno.readTextFile(file), picture("2 ms", 40123, 7));
  const [short, long] = ["37 ms", "146 ms"].map((time) => draw(`in ${time}  and then`));
  assert(short !== long);
  assertEquals(masked(short!), masked(long!));
  assert(masked(short!) !== masked(draw("in 37 ms  and so")));
  const pixels = `${folder.path}/a.webp`;
  assert(await save(pixels, Uint8Array.of(1, 2)));
  assert(!await save(pixels, Uint8Array.of(1, 2)));
  assert(await save(pixels, Uint8Array.of(1, 3)));
  assertEquals(await Deno.readFile(pixels), Uint8Array.of(1, 3));
});
