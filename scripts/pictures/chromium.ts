/** Chromium without a window, for pictures of pages. */
import { type Browser, chromium, type Page } from "playwright-core";
import { available } from "../../tests/interop/peer_program.ts";

/** Programs that are Chromium, in the order in which they are looked for on PATH. */
const PROGRAMS = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "microsoft-edge",
];

export type Scheme = "light" | "dark";
export const SCHEMES: readonly Scheme[] = ["light", "dark"];

export interface PageOptions {
  readonly width: number;
  readonly height: number;
  /** Dots of the picture for each pixel of the page, across; 1 by default. */
  readonly density?: number;
  /** Runs in the page before its own programs. */
  readonly script?: string;
}

/** The first of these programs that runs. Throws where none does. */
export function findChromium(programs: readonly string[] = PROGRAMS): string {
  const found = programs.find((program) => available(program, ["--version"], /\d+\.\d+/));
  if (found !== undefined) return found;
  throw new Error(`pictures of pages need Chromium; found none of ${programs.join(", ")} on PATH`);
}

export class Desk implements AsyncDisposable {
  private constructor(private readonly browser: Browser) {}

  static async open(): Promise<Desk> {
    const args = ["--headless", "--disable-gpu", "--no-first-run", "--hide-scrollbars"];
    // Its sandbox refuses root, as which containers run.
    if (Deno.uid() === 0) args.push("--no-sandbox");
    const executablePath = await whereIs(findChromium());
    return new Desk(await chromium.launch({ executablePath, args }));
  }

  /** Opens a page in English, in light or dark. */
  async look(url: string, colorScheme: Scheme, options: PageOptions): Promise<Page> {
    const { width, height, density = 1, script = "" } = options;
    const context = await this.browser.newContext({
      colorScheme,
      locale: "en-GB",
      timezoneId: "UTC",
      reducedMotion: "reduce",
      viewport: { width, height },
      deviceScaleFactor: density,
      serviceWorkers: "block",
    });
    const page = await context.newPage();
    await page.addInitScript(script);
    await page.goto(url);
    return page;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

async function whereIs(program: string): Promise<string> {
  const command = new Deno.Command("sh", { args: ["-c", 'command -v "$1"', "sh", program] });
  return new TextDecoder().decode((await command.output()).stdout).trim();
}

/** What the page, or one element of it, shows now, as WebP without loss: no caret that blinks. */
export async function shoot(page: Page, selector = "html"): Promise<Uint8Array<ArrayBuffer>> {
  await page.evaluate('document.activeElement.style.caretColor = "transparent"');
  const clip = selector === "html" ? undefined : await placeOf(page, selector);
  const devtools = await page.context().newCDPSession(page);
  const { data } = await devtools.send("Page.captureScreenshot", {
    format: "webp",
    quality: 100,
    clip,
  });
  return Uint8Array.fromBase64(data);
}

/** An element's place in the document, as Chromium's tools take it; pages may be scrolled. */
async function placeOf(page: Page, selector: string) {
  const box = await page.locator(selector).boundingBox();
  if (box === null) throw new Error(`no ${selector} is shown at ${page.url()}`);
  const [left, top] = await page.evaluate("[scrollX, scrollY]") as [number, number];
  return { ...box, x: box.x + left, y: box.y + top, scale: 1 };
}
