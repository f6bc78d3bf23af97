/** The script that makes pictures: terminals by tmux, pages by Chromium, ladders by coax. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { fileURLToPath } from "node:url";
import { findChromium } from "../../scripts/pictures/chromium.ts";
import { Coax, type StartOptions, temporary } from "../e2e/coax.ts";
import { tmux } from "../e2e/tmux.ts";
import { textsOf } from "../ladder/xml.ts";
import { browser } from "./browser.ts";
import { testWith } from "./peer_program.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Runs `deno task pictures` with these arguments. */
async function pictures(args: readonly string[], options: StartOptions = {}) {
  const words = [Deno.execPath(), "run", "-A", "--config", `${ROOT}deno.json`];
  const script = [`${ROOT}scripts/pictures.ts`, ...args];
  await using process = Coax.spawn([...words, ...script], options);
  return await process.exit();
}

/** The texts of a picture that are shown. */
function shownIn(svg: string): string[] {
  textsOf(svg); // Throws unless it is well-formed.
  return [...svg.matchAll(/<text [^>]*>([^<]*)</g)].map(([, text]) => text!);
}

testWith(
  tmux,
  "pictures: a terminal is drawn as it was, under the ports that pages name",
  async () => {
    await using folder = await temporary();
    const { status, stderr } = await pictures(["--out", folder.path, "hexdump"]);
    assertEquals(status, 0, stderr);
    assertMatch(stderr, /^hexdump\.svg: \d+ bytes$/m);
    const texts = shownIn(await Deno.readTextFile(`${folder.path}/hexdump.svg`));
    assert(texts.includes("coax relay -x --once 9000 7007"), texts.join("\n"));
    const bytes = texts.filter((text) => text === "68 65 6c 6c 6f 2c 20 e4");
    assertEquals(bytes.length, 2, "as often as they have passed");
    assert(texts.includes("世界"));
  },
);

testWith(browser, "pictures: a page is seen in light and in dark", async () => {
  await using folder = await temporary();
  const { status, stderr } = await pictures(["--out", folder.path, "page"]);
  assertEquals(status, 0, stderr);
  const [light, dark] = await Promise.all(
    ["light", "dark"].map((scheme) => Deno.readFile(`${folder.path}/page-${scheme}.webp`)),
  );
  for (const file of [light!, dark!]) {
    assertMatch(new TextDecoder("latin1").decode(file.subarray(0, 12)), /^RIFF[^]{4}WEBP$/);
    assert(file.length > 10_000, `${file.length} bytes`);
  }
  assert(light!.length !== dark!.length || light!.some((byte, i) => byte !== dark![i]));
});

Deno.test("pictures: a recording becomes a ladder, and a screen a terminal", async () => {
  const recording = `${ROOT}tests/ladder/golden/tls.jsonl`;
  const golden = await Deno.readTextFile(recording.replace(".jsonl", ".svg"));
  const drawn = await pictures(["--ladder", recording]);
  assertEquals([drawn.status, drawn.stderr, drawn.out], [0, "", golden]);
  const chinese = await pictures(["--ladder", recording, "--lang", "zh", "--plain"]);
  assertMatch(chinese.out, /lang="zh"[^]*连接/);
  assert(chinese.out.length < golden.length);
  const screen = await pictures(["--terminal", "so"], { stdin: "\x1b[31mred\x1b[0m 你\n" });
  assertEquals([screen.status, shownIn(screen.out)], [0, ["so", "red", "你"]]);
});

Deno.test("pictures: what there is none of is refused, and what it can't do is said", async () => {
  for (const bad of [["nothing"], ["--nothing"], ["life", "nothing"]]) {
    const { status, stderr } = await pictures(bad);
    assertEquals(status, 2);
    assertMatch(stderr, /^pictures: unknown: (--)?nothing\nusage: [^]*ladder, hexdump/);
  }
  const missing = await pictures(["--ladder", "/nowhere/x.jsonl"]);
  assertEquals(missing.status, 1);
  assertMatch(missing.stderr, /^pictures: coax: .*\/nowhere\/x\.jsonl/);
  const escaping = await pictures(["--terminal", "x"], { stdin: "\x1b[2J" });
  assertEquals([escaping.status, escaping.stderr], [
    1,
    'pictures: a picture can\'t show "\\u001b"\n',
  ]);
  assertThrows(
    () => findChromium(["no-such-a", "no-such-b"]),
    Error,
    "pictures of pages need Chromium; found none of no-such-a, no-such-b on PATH",
  );
});
