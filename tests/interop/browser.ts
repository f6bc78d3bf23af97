/** A real browser with the room's page, and a person at it. */
import { assertEquals } from "@std/assert";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { DEADLINE } from "../e2e/coax.ts";
import { until } from "../support/wait.ts";
import { available } from "./peer_program.ts";

const PROGRAM = "chromium";

export const browser = {
  name: PROGRAM,
  available: available(PROGRAM, ["--version"], /Chromium \d/),
};

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

/** Runs in the page before its own program. */
const WATCH = `
  globalThis.violations = [];
  document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
    violations.push(violatedDirective + " " + blockedURI));
`;

/** One browser with any number of people, each with a window of their own. */
export class TestBrowser implements AsyncDisposable {
  readonly #people: Person[] = [];

  private constructor(private readonly browser: Browser) {}

  static async open(): Promise<TestBrowser> {
    const executablePath = `/usr/bin/${PROGRAM}`;
    return new TestBrowser(
      await chromium.launch({ executablePath, args: FLAGS, timeout: DEADLINE }),
    );
  }

  /** Opens the page of a room as someone, and waits for the welcome. */
  async visit(url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const person = await this.look(url, options);
    await person.isIn();
    return person;
  }

  /** Opens any page. */
  async look(url: string, options: BrowserContextOptions = {}): Promise<Person> {
    const context = await this.browser.newContext({ serviceWorkers: "block", ...options });
    context.setDefaultTimeout(DEADLINE);
    const person = new Person(await context.newPage());
    this.#people.push(person);
    await person.page.addInitScript(WATCH);
    await person.page.goto(url);
    return person;
  }

  /** Fails if a page violated its policy or had an error. */
  async check(): Promise<void> {
    for (const { page, failures } of this.#people) {
      assertEquals(await page.evaluate("violations"), []);
      assertEquals(failures, []);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
  }
}

export class Person {
  constructor(
    readonly page: Page,
    /** Errors in the page's program. */
    readonly failures: string[] = [],
  ) {
    page.on("pageerror", ({ message }) => this.failures.push(message));
    page.on("dialog", (dialog) => {
      this.failures.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
  }

  /** The same person at another page. */
  on(page: Page): Person {
    return new Person(page, this.failures);
  }

  /** Waits until the page is connected and has received the history. */
  async isIn(): Promise<void> {
    await this.page.locator('body[data-link="open"] #log[aria-live="polite"]').waitFor();
  }

  async type(text: string): Promise<void> {
    await this.page.locator("#text").fill(text);
    await this.page.locator("#text").press("Enter");
  }

  /** The texts of all lines, from the first. */
  async texts(selector = ".line .text"): Promise<string[]> {
    return await this.page.locator(selector).allTextContents();
  }

  /** Waits until an element of the page has this text. */
  async sees(selector: string, text: string | RegExp): Promise<void> {
    await this.page.locator(selector, { hasText: text }).first().waitFor();
  }

  /** Waits until the lines are exactly these. */
  async reads(expected: readonly string[]): Promise<void> {
    let texts: string[] = [];
    const same = async () => `${texts = await this.texts()}` === `${expected}`;
    try {
      await until(same, "the lines", DEADLINE);
    } catch {
      assertEquals(texts, expected);
    }
  }

  /** Waits until the page has this name. */
  async isCalled(name: string): Promise<void> {
    await this.page.locator("#my-name").getByText(name, { exact: true }).waitFor();
  }
}
