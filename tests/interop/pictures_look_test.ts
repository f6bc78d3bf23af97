/** Pictures of the documentation as a browser draws them: every text can be read. */
import { assertEquals } from "@std/assert";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { contrast } from "../../scripts/pictures/palette.ts";
import { temporary } from "../e2e/coax.ts";
import { browser, TestBrowser } from "./browser.ts";
import { testWith } from "./peer_program.ts";

const DOCS = fileURLToPath(new URL("../../docs/", import.meta.url));

/** All SVG files in a folder, with those in its folders. */
function picturesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].flatMap(({ name, isDirectory }) =>
    isDirectory ? picturesIn(`${folder}${name}/`) : name.endsWith(".svg") ? [folder + name] : []
  );
}

/** What text needs (WCAG 2.2, 1.4.3). */
const ENOUGH = 4.5;
/** Pixels by which boxes of letters may meet: they are higher than what is drawn. */
const [ACROSS, DOWN] = [1, 6];

interface Drawn {
  readonly text: string;
  readonly fill: string;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** Runs in the picture: its ground, its size, and its texts. */
const LOOK = `(() => {
  const picture = document.documentElement;
  const { width, height } = picture.getBoundingClientRect();
  const ground = getComputedStyle(picture.querySelector("rect")).fill;
  const texts = [...picture.querySelectorAll("text")].map((one) => {
    const { left, right, top, bottom } = one.getBoundingClientRect();
    return { text: one.textContent, fill: getComputedStyle(one).fill, left, right, top, bottom };
  });
  return { ground, width, height, texts };
})()`;

/** `rgb(1, 2, 255)` as `#0102ff`. */
function hex(color: string): string {
  const parts = color.match(/\d+/g)!.slice(0, 3).map(Number);
  return `#${parts.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
}

/** What keeps a picture's texts from being read. */
async function faultsOf(file: string, page: Page): Promise<string[]> {
  await page.goto(`file://${file}`);
  const { ground, width, height, texts } = await page.evaluate(LOOK) as {
    ground: string;
    width: number;
    height: number;
    texts: Drawn[];
  };
  if (texts.length === 0) return ["no text"];
  return texts.flatMap((one, i) => {
    const faults: string[] = [];
    if (contrast(hex(one.fill), hex(ground)) < ENOUGH) faults.push(`faint: ${one.text}`);
    const isInside = one.left >= 0 && one.right <= width && one.top >= 0 && one.bottom <= height;
    if (!isInside) faults.push(`outside: ${one.text}`);
    const over = texts.slice(i + 1).filter((other) => overlap(one, other));
    return [...faults, ...over.map(({ text }) => `on one another: ${one.text}, ${text}`)];
  });
}

function overlap(one: Drawn, other: Drawn): boolean {
  return one.left < other.right - ACROSS && other.left < one.right - ACROSS &&
    one.top < other.bottom - DOWN && other.top < one.bottom - DOWN;
}

testWith(browser, "pictures: every text can be read, in light and in dark", async () => {
  await using desk = await TestBrowser.open();
  for (const colorScheme of ["light", "dark"] as const) {
    const { page } = await desk.look("about:blank", { colorScheme });
    for (const file of picturesIn(DOCS)) assertEquals(await faultsOf(file, page), [], file);
  }
});

testWith(browser, "pictures: text that is faint, outside or under another is found", async () => {
  await using folder = await temporary();
  await using desk = await TestBrowser.open();
  const { page } = await desk.look("about:blank");
  const file = `${folder.path}/bad.svg`;
  const text = (x: number, y: number, text: string, fill: string) =>
    `<text x="${x}" y="${y}" fill="${fill}">${text}</text>`;
  await Deno.writeTextFile(
    file,
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100">' +
      '<rect width="200" height="100" fill="#fff"/>' + text(10, 20, "good", "#000") +
      text(10, 60, "pale", "#aaa") + text(190, 60, "wide", "#000") + text(14, 22, "late", "#000") +
      "</svg>",
  );
  assertEquals((await faultsOf(file, page)).toSorted(), [
    "faint: pale",
    "on one another: good, late",
    "outside: wide",
  ]);
});
