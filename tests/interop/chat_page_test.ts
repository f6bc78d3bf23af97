/** What the page has for people, in a real browser: names, links, code, private talk, and more. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { Coax, PIPE, temporary } from "../e2e/coax.ts";
import { Guest } from "../e2e/guests.ts";
import { unusedPort } from "../e2e/peers.ts";
import { browser, type Person, TestBrowser } from "./browser.ts";
import { openRoom } from "./page_room.ts";
import { testWith } from "./peer_program.ts";

/** Opens the page a second time in the same browser, as after closing the tab. */
async function again(person: Person): Promise<Person> {
  const page = await person.page.context().newPage();
  const url = person.page.url();
  await person.page.close();
  await page.goto(url);
  const next = person.on(page);
  await next.isIn();
  return next;
}

testWith(browser, "page: a name is asked for at the first visit, and remembered", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const first = await desk.visit(room.url);
  const asking = first.page.locator("#asking");
  await asking.getByText("What should we call you?").waitFor();
  await first.page.locator("#first-name").fill("two words");
  await first.page.locator("#first-name").press("Enter");
  await first.sees("#first-name-problem", "no spaces");
  await first.page.locator("#first-name").fill("ben");
  await first.page.locator("#first-name").press("Enter");
  await first.isCalled("ben");
  assertEquals(await asking.isHidden(), true);
  const second = await again(first);
  await second.isCalled("ben");
  assertEquals(await second.page.locator("#asking").isHidden(), true);
  const told = await second.texts(".system");
  assertEquals(told.filter((text) => /you are/.test(text)), [
    "you are ben; /help lists what you can do",
  ]);
  const guest = await desk.visit(room.url);
  await guest.page.getByRole("button", { name: /^Stay guest-/ }).click();
  assertEquals(await guest.page.locator("#asking").isHidden(), true);
  assertEquals(await guest.page.evaluate("document.activeElement.id"), "text");
  const still = await again(guest);
  await still.sees(".system", /you are guest-/);
  assertEquals(await still.page.locator("#asking").isHidden(), true);
});

testWith(browser, "page: our lines look like ours after a reload, in the same colour", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  using carol = await Guest.join(room.tcp);
  const ben = await desk.visit(room.url);
  await ben.type("/nick ben");
  await ben.isCalled("ben");
  await ben.type("mine");
  await carol.type("hers");
  await ben.reads(["mine", "hers"]);
  const looks = () =>
    ben.page.evaluate(`[...document.querySelectorAll(".line")].map((line) => [
      line.classList.contains("mine"),
      getComputedStyle(line.querySelector(".face")).backgroundColor])`);
  const before = await looks();
  for (let round = 0; round < 3; round++) {
    await ben.page.reload();
    await ben.isIn();
    await ben.isCalled("ben");
    assertEquals(await looks(), before);
  }
  await desk.check();
});

testWith(browser, "page: a draft survives a reload, and is gone once it is sent", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  await ann.page.locator("#text").fill("half a\nthought");
  const next = await again(ann);
  assertEquals(await next.page.locator("#text").inputValue(), "half a\nthought");
  await next.page.locator("#text").press("Enter");
  await next.reads(["half a\nthought"]);
  const last = await again(next);
  assertEquals(await last.page.locator("#text").inputValue(), "");
});

testWith(browser, "page: links lead out, code keeps its look, and all else is text", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  using mallory = await Guest.join(room.tcp);
  const hostile = [
    "javascript:alert(1) data:text/html,<script>1</script> vbscript:x",
    "http://bank.example@evil.example/ http://evil.example/א.bank.example",
    "http:// https:/x http:alert(1)",
    "bidi http\u202e://elpmaxe.live",
  ];
  for (const text of hostile) await mallory.type(text);
  await mallory.type('see https://a.example/x?y"onclick=alert(1), ok');
  await ann.sees(".text", "see https");
  const links = ann.page.locator(".text a");
  assertEquals(await links.count(), 1);
  assertEquals(await links.getAttribute("href"), "https://a.example/x?y");
  assertEquals(await links.getAttribute("rel"), "noopener noreferrer");
  assertEquals(await links.getAttribute("target"), "_blank");
  assertEquals((await ann.texts()).length, hostile.length + 1);
  await ann.type("look:\n```js\nif (x < 1) {\n\ty();\n}\n```\nand ```z()```");
  await mallory.sees(/^\[guest-1\] \ty\(\);$/);
  await ann.sees(".text code.block", "y();");
  const [block, inline] = await ann.texts(".text code");
  assertEquals([block, inline], ["if (x < 1) {\n\ty();\n}", "z()"]);
  const font = "getComputedStyle(document.querySelector('.text code')).fontFamily";
  assertMatch(await ann.page.evaluate(font), /monospace/);
  await desk.check();
});

testWith(
  browser,
  "page: a message of several lines is one, a line each for terminals",
  async () => {
    await using room = await openRoom();
    await using desk = await TestBrowser.open();
    const [ann, bob] = [await desk.visit(room.url), await desk.visit(room.url)];
    using carol = await Guest.join(room.tcp);
    await ann.type("one\n\n  three");
    await bob.reads(["one\n\n  three"]);
    await carol.sees(/^\[guest-1\] {3}three$/);
    assertEquals(carol.memberLines, ["[guest-1] one", "[guest-1] ", "[guest-1]   three"]);
    await desk.check();
  },
);

testWith(browser, "page: an empty room invites, until somebody comes", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(`${room.url}/r/tea`);
  const card = ann.page.locator(".invitation");
  await card.getByText("Nobody else is here yet").waitFor();
  assertEquals(await card.locator("a").textContent(), `${room.url}/r/tea`);
  await card.getByRole("img", { name: `QR code of ${room.url}/r/tea` }).waitFor();
  await card.getByText("coax chat ws://:").waitFor();
  const bob = await desk.visit(`${room.url}/r/tea`);
  await card.waitFor({ state: "detached" });
  assertEquals(await bob.page.locator(".invitation").count(), 0);
  await bob.page.close();
  await card.waitFor();
  await desk.check().catch(() => {}); // One of its pages is closed.
});

testWith(browser, "page: a room that others reach invites to where they reach it", async () => {
  const own = Deno.networkInterfaces().find(({ family, address }) =>
    family === "IPv4" && !address.startsWith("127.")
  );
  const words = ["chat", "ws://:0"];
  await using coax = Coax.start(words, { stdin: PIPE });
  const port = new URL(await coax.address()).port;
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(`http://localhost:${port}/`);
  const address = await ann.page.locator(".invitation a").textContent();
  const told = [...coax.stderr.matchAll(/^open (.*)$/gm)].map((match) => match[1]);
  assert(told.includes(address!), `${address} of ${told}`);
  if (own) assertEquals(new URL(address!).hostname === "localhost", told.length === 1);
  await desk.check();
});

testWith(browser, "page: private messages are a conversation of their own", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const [ann, bob] = [await desk.visit(room.url), await desk.visit(room.url)];
  await ann.type("/nick ann");
  await bob.type("/nick bob");
  await bob.isCalled("bob");
  await ann.sees("#members .name", "bob");
  await ann.page.locator("#members").getByRole("button", { name: "bob" }).click();
  assertEquals(await ann.page.locator("#text").getAttribute("placeholder"), "To bob alone");
  await ann.type("psst\nbob");
  const threads = bob.page.locator("#threads");
  await threads.getByRole("button", { name: /ann\s*1 unread/ }).click();
  await bob.reads(["psst\nbob"]);
  assertEquals(await bob.page.locator("#log").isHidden(), true);
  await bob.type("yes?");
  await ann.reads(["psst\nbob", "yes?"]);
  await ann.page.locator("#text").fill("half a");
  await bob.type("/nick robert");
  await ann.page.locator("#threads").getByRole("button", { name: "robert" }).waitFor();
  assertEquals(await ann.page.locator("#text").inputValue(), "half a");
  assertEquals(await ann.page.locator("#text").getAttribute("placeholder"), "To robert alone");
  await ann.type("still you");
  await bob.reads(["psst\nbob", "yes?", "still you"]);
  await bob.page.locator("#text").fill("a draft");
  await threads.getByRole("button", { name: "Everyone" }).click();
  assertEquals(await bob.page.locator("#text").inputValue(), "");
  await bob.type("for all");
  await ann.sees("#threads [aria-current]", "robert");
  await ann.page.locator("#threads").getByRole("button", { name: /Everyone\s*1 unread/ }).waitFor();
  assertEquals(await ann.texts("#log .text"), ["for all"]);
  await ann.type("/who");
  await ann.sees(".pane:not([hidden]) .system", "here: ");
  await threads.getByRole("button", { name: "ann" }).click();
  assertEquals(await bob.page.locator("#text").inputValue(), "a draft");
  await desk.check();
});

testWith(browser, "page: what can't be told to who has left stays in the field", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  {
    using carol = await Guest.join(room.tcp);
    await carol.type("/nick carol\n/msg guest-1 psst");
    await ann.page.locator("#threads").getByRole("button", { name: /carol/ }).click();
  }
  await ann.sees("#members .away", "carol");
  await ann.type("are you there?");
  await ann.sees("#problem", "nobody here is called carol");
  assertEquals(await ann.page.locator("#text").inputValue(), "are you there?");
  await desk.check();
});

testWith(
  browser,
  "page: Tab completes names, and leaves the field where there is none",
  async () => {
    await using room = await openRoom();
    await using desk = await TestBrowser.open();
    using carol = await Guest.join(room.tcp);
    await carol.type("/nick carol");
    const { page } = await desk.visit(room.url);
    await page.locator("#members .name", { hasText: "carol" }).waitFor();
    const text = page.locator("#text");
    await text.fill("ca");
    await text.press("Tab");
    assertEquals(await text.inputValue(), "carol: ");
    await page.keyboard.type("ask @C");
    await page.keyboard.press("Tab");
    assertEquals(await text.inputValue(), "carol: ask @carol ");
    await page.keyboard.press("Tab");
    assertEquals(await page.evaluate("document.activeElement.id"), "");
    assertEquals(await page.evaluate("document.activeElement.ariaLabel"), "Send");
  },
);

testWith(browser, "page: where the reader has left off is marked, after a reload too", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  using carol = await Guest.join(room.tcp);
  const ann = await desk.visit(room.url);
  await carol.type("before");
  await ann.reads(["before"]);
  const url = ann.page.url();
  await ann.page.goto("about:blank");
  await carol.type("meanwhile");
  await carol.type("/who");
  await carol.sees(/-- here/);
  await ann.page.goto(url);
  await ann.isIn();
  const order = () => ann.texts(".line .text, .mark");
  assertEquals(await order(), ["before", "New since you left", "meanwhile"]);
  await ann.page.reload();
  await ann.isIn();
  assertEquals(await order(), ["before", "meanwhile"]);
  await desk.check();
});

testWith(browser, "page: a history in a file goes on after a restart, each line once", async () => {
  await using folder = await temporary();
  await using desk = await TestBrowser.open();
  const port = unusedPort();
  const kept = ["--history-file", `${folder.path}/history`];
  const first = await openRoom(port, ...kept);
  const ann = await desk.visit(first.url);
  await ann.type("/nick ann");
  await ann.isCalled("ann");
  await ann.type("one\ntwo");
  await ann.type("/me waves");
  await ann.sees(".line-me", "waves");
  first.coax.signal("SIGKILL");
  await ann.page.locator('body[data-link="waiting"]').waitFor();
  await ann.type("three");
  await using second = await openRoom(port, ...kept);
  await ann.sees(".text", "three");
  const bob = await desk.visit(second.url);
  for (const person of [ann, bob]) {
    const texts = await person.texts();
    assertEquals([texts.length, texts[0], texts[2]], [3, "one\ntwo", "three"]);
  }
  assertEquals(await ann.page.locator(".mark").count(), 0, "there is nothing of others");
  await first[Symbol.asyncDispose]();
  await desk.check();
});

testWith(browser, "page: who has left is away, and so are we without a connection", async () => {
  const port = unusedPort();
  await using room = await openRoom(port);
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  {
    using carol = await Guest.join(room.tcp);
    await carol.type("/nick carol");
    await ann.sees("#members .name", "carol");
  }
  await ann.sees("#members .away", /carol\s*away/);
  room.coax.signal("SIGKILL");
  await ann.sees("#members .away", "you, away");
  await ann.sees("#panel-title", "before you lost the connection");
  await desk.check();
});

testWith(browser, "page: /help is a card, where it was asked for", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  await ann.type("/help");
  await ann.sees("#log .help", "/msg NAME TEXT");
  assertEquals(await ann.page.locator(".help").count(), 1);
  await desk.check();
});

/** Widths, looks, and sizes of the text in percent: the narrowest has all of them. */
const SCREENS = [
  [320, "light", 100],
  [320, "light", 200],
  [320, "dark", 100],
  [320, "dark", 200],
  [768, "dark", 100],
  [768, "light", 200],
  [1440, "light", 100],
  [1440, "dark", 200],
] as const;

testWith(
  browser,
  "page: nothing is cut off from 320 px on, with text of 200 %, for axe too",
  async () => {
    await using room = await openRoom();
    await using desk = await TestBrowser.open();
    using carol = await Guest.join(room.tcp);
    await carol.type("/nick carol");
    await carol.type(`see https://a.example/${"long/".repeat(40)} and ${"x".repeat(300)}`);
    for (const [width, colorScheme, text] of SCREENS) {
      const what = `${width} px, ${colorScheme}, ${text} %`;
      const viewport = { width, height: 800 };
      const person = await desk.visit(room.url, { viewport, colorScheme, reducedMotion: "reduce" });
      const { page } = person;
      await page.evaluate(`document.documentElement.style.fontSize = "${text}%"`);
      await person.type("/help");
      await person.type("```\nsome code\n```");
      const name = await page.locator("#my-name").textContent();
      await carol.type(`/msg ${name} psst`);
      await page.locator("#threads").waitFor();
      assertEquals(await cutOff(page), [], what);
      assertEquals(await complaints(page), [], what);
      await page.close();
    }
  },
);

/** What can't be reached because it is wider than the page, or outside of it. */
async function cutOff(page: Page): Promise<string[]> {
  return await page.evaluate(`(() => {
    const width = document.documentElement.clientWidth;
    const found = [];
    if (document.documentElement.scrollWidth > width) found.push("the page scrolls sideways");
    if (log.scrollWidth > log.clientWidth) found.push("the log scrolls sideways");
    for (const element of document.querySelectorAll("header *, footer *, .card *, .text")) {
      if (!element.checkVisibility() || element.matches("svg *, .spoken")) continue;
      const { left, right } = element.getBoundingClientRect();
      if (left < -1 || right > width + 1) found.push(element.tagName + "#" + element.id + "." + element.className);
    }
    return found;
  })()`);
}

/** What axe calls serious or critical, with the elements. */
async function complaints(page: Page): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<import("axe-core").AxeResults>("axe.run()");
  return violations.filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html}`));
}
