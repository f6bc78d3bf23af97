/** The page in a real browser, beside members of other kinds. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { Coax, PIPE } from "../e2e/coax.ts";
import { Guest } from "../e2e/guests.ts";
import { unusedPort } from "../e2e/peers.ts";
import { until } from "../support/wait.ts";
import { browser, TestBrowser } from "./browser.ts";
import { openRoom } from "./page_room.ts";
import { testWith } from "./peer_program.ts";

testWith(browser, "page: two pages and a TCP client talk, in one order", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  const bob = await desk.visit(room.url);
  using carol = await Guest.join(room.tcp);
  await ann.type("hello from ann");
  await carol.sees(/^\[guest-1\] hello from ann$/);
  await carol.type("hello from carol");
  await ann.sees(".text", "hello from carol");
  await bob.type("hello from bob");
  await bob.type("/me waves");
  await carol.sees(/^\* guest-2 waves$/);
  await room.coax.write("hello from the terminal\n");
  const all = ["hello from ann", "hello from carol", "hello from bob"];
  for (const person of [ann, bob]) {
    await person.sees(".text", "hello from the terminal");
    const texts = await person.texts();
    assertEquals(texts.slice(0, 3), all);
    assertMatch(texts[3]!, /^guest-2 waves /);
    assertEquals(texts.length, 5);
    assertEquals(await person.page.locator("#waiting").textContent(), "");
  }
  await bob.type("/msg guest-3 psst");
  await carol.sees(/^\[guest-2 -> guest-3\] psst$/);
  await carol.type("/msg guest-2 yes?");
  await bob.page.locator("#threads").getByRole("button", { name: /guest-3/ }).click();
  await bob.sees(".line-msg", /only to you.*yes\?/);
  assertEquals((await ann.texts()).length, 5, "a private line reaches nobody else");
  await desk.check();
});

testWith(browser, "page: a name is chosen in two ways, and survives a reload", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  const bob = await desk.visit(room.url);
  await ann.type("/nick ann");
  await bob.sees(".system", "guest-1 is now ann");
  await bob.page.locator("#me").click();
  await bob.page.locator("#name").fill("two words");
  await bob.page.locator("#name").press("Enter");
  await bob.sees("#name-problem", "no spaces");
  await bob.page.locator("#name").fill("ボブ");
  await bob.page.locator("#name").press("Enter");
  await bob.isCalled("ボブ");
  await bob.type("/nick ann");
  await bob.sees(".system", "the name ann is taken");
  await ann.type("before");
  await ann.page.reload();
  await ann.isIn();
  await ann.isCalled("ann");
  await ann.type("after");
  await ann.reads(["before", "after"]);
  await bob.reads(["before", "after"]);
  const names = (await bob.page.locator("#members .name").allTextContents()).toSorted();
  assertEquals(names, ["ann", "server", "ボブ"].toSorted());
  await desk.check();
});

testWith(browser, "page: a restart of the server loses and doubles nothing", async () => {
  await using desk = await TestBrowser.open();
  const port = unusedPort();
  const first = await openRoom(port);
  const ann = await desk.visit(first.url);
  await ann.type("/nick ann");
  await ann.isCalled("ann");
  await ann.type("one");
  await ann.reads(["one"]);
  first.coax.signal("SIGKILL");
  await ann.page.locator('body[data-link="waiting"]').waitFor();
  await ann.type("two");
  await ann.type("three");
  await ann.sees(".unsent", "three");
  assertEquals(await ann.texts(".line .text"), ["one"]);
  await using second = await openRoom(port);
  await ann.isIn();
  await ann.isCalled("ann");
  await ann.reads(["one", "two", "three"]);
  using late = await Guest.join(second.tcp);
  await late.sees(/three$/);
  assertEquals(late.memberLines, ["[ann] two", "[ann] three"]);
  assertEquals(await ann.page.locator(".unsent").count(), 0);
  await first[Symbol.asyncDispose]();
  await desk.check();
});

testWith(browser, "page: a connection that breaks loses and doubles nothing", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const port = unusedPort();
  const between = () => Coax.start(["relay", `127.0.0.1:${port}`, new URL(room.url).host]);
  using carol = await Guest.join(room.tcp);
  const expected: string[] = [];
  let relay = between();
  await relay.address();
  const ann = await desk.visit(`http://127.0.0.1:${port}/`);
  for (const round of [1, 2, 3]) {
    for (const line of [1, 2, 3]) await ann.type(`${round}.${line} at once`);
    relay.signal("SIGKILL"); // Lines may be on their way in either direction.
    await relay[Symbol.asyncDispose]();
    await ann.page.locator('body[data-link="waiting"]').waitFor();
    await ann.type(`${round} while away`);
    await carol.type(`${round} by carol`);
    await room.coax.prints(new RegExp(`${round} by carol`));
    relay = between();
    await relay.address();
    await ann.isIn();
    await carol.sees(new RegExp(`${round} while away$`));
    for (const line of [1, 2, 3]) expected.push(`${round}.${line} at once`);
    expected.push(`${round} while away`, `${round} by carol`);
  }
  await until(async () => (await ann.texts()).length >= expected.length, "all lines");
  const texts = await ann.texts();
  assertEquals(texts.toSorted(), expected.toSorted());
  const own = (lines: string[]) => lines.filter((line) => !line.includes("carol"));
  assertEquals(own(texts), own(expected), "her own are in order");
  const received = carol.memberLines.map((line) => line.replace(/^\[.*?\] /, ""));
  assertEquals(received, own(expected), "carol has received them so too");
  await relay[Symbol.asyncDispose]();
  await desk.check();
});

/** Text that would be dangerous as markup, on a terminal, or right to left. */
const HOSTILE = [
  "<script>globalThis.pwned = 1</script>",
  "<img src=x onerror=globalThis.pwned=1>",
  "<svg/onload=globalThis.pwned=1>",
  '"><iframe srcdoc="<script>parent.pwned=1</script>">',
  "</p></div><style>*{display:none}</style>",
  "<!-- <a href='javascript:globalThis.pwned=1'>x</a> -->",
  "javascript:globalThis.pwned=1",
  "{{constructor.constructor('globalThis.pwned=1')()}} ${globalThis.pwned=1}",
  "&lt;b&gt; &amp; &#x3c;script&#x3e;",
  "</script><script>globalThis.pwned=1</script>",
  "<math><mtext></p><img src=x onerror=globalThis.pwned=1>",
];

testWith(browser, "page: hostile text is shown as text", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  using mallory = await Guest.join(room.tcp);
  await mallory.type("/nick <b>mallory</b>");
  for (const text of HOSTILE) await mallory.type(text);
  await mallory.type("esc \x1b]0;title\x07 bidi \u202egnp.exe\u2066 end");
  await ann.sees(".text", "bidi");
  const shown = [...HOSTILE, "esc \\x1b]0;title\\x07 bidi \\u{202e}gnp.exe\\u{2066} end"];
  assertEquals(await ann.texts(), shown);
  for (const text of HOSTILE) await ann.type(text);
  await until(async () => (await ann.texts()).length === 2 * HOSTILE.length + 1, "own lines");
  assertEquals((await ann.texts()).slice(shown.length), HOSTILE);
  await ann.sees("#members .name", "<b>mallory</b>");
  assertEquals(await ann.page.locator(".text *, .name *").count(), 0, "no element in any text");
  assertEquals(await ann.page.evaluate("globalThis.pwned"), undefined);
  assertEquals(await ann.page.locator("script, iframe, img, style").count(), 2, "its own two");
  await ann.page.reload();
  await ann.isIn();
  assertEquals((await ann.texts()).slice(0, shown.length), shown);
  await desk.check();
});

testWith(browser, "page: its policy stops what is put into it by force", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const { page } = await desk.visit(room.url);
  const refused = await page.evaluate(`(() => {
    const script = document.createElement("script");
    try { script.text = "globalThis.pwned = 1"; document.body.append(script); } catch {}
    try { document.body.innerHTML = "<b>x</b>"; return false; } catch { return true; }
  })()`);
  assertEquals(refused, true, "innerHTML is refused");
  assertEquals(await page.evaluate("globalThis.pwned"), undefined);
  const violations = await page.evaluate("violations.length") as number;
  assert(violations > 0, "what the other tests watch for would be seen");
});

testWith(browser, "page: each path is a room of its own", async () => {
  await using room = await openRoom(0, "--room", "hall");
  await using desk = await TestBrowser.open();
  const ann = await desk.visit(room.url);
  const bob = await desk.visit(`${room.url}/r/${encodeURIComponent("茶室")}?x=1`);
  assertEquals(await bob.page.title(), "茶室 · coax");
  assertEquals(await ann.page.locator("h1").textContent(), "hall");
  await bob.type("nobody hears me");
  await bob.reads(["nobody hears me"]);
  await ann.type("nor me");
  await ann.reads(["nor me"]);
  await desk.check();
});

testWith(browser, "page: over TLS it joins over TLS", async () => {
  await using coax = Coax.start(["chat", "wss://127.0.0.1:0/x", "--self-signed"], { stdin: PIPE });
  await using desk = await TestBrowser.open();
  const url = (await coax.address()).replace("wss:", "https:");
  const ann = await desk.visit(url, { ignoreHTTPSErrors: true });
  await ann.type("hello");
  await coax.prints(/^\[guest-1\] hello\n/m);
  await desk.check();
});

testWith(browser, "page: unread lines are counted while nobody looks", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  using carol = await Guest.join(room.tcp);
  const { page } = await desk.visit(room.url);
  const look = (hidden: boolean) =>
    page.evaluate(`
      Object.defineProperty(document, "hidden", { configurable: true, value: ${hidden} });
      document.dispatchEvent(new Event("visibilitychange"));
    `);
  await look(true);
  await carol.type("one\ntwo");
  // Playwright's own waiting evaluates a string in the page, which its policy forbids.
  await until(async () => await page.title() === "(2) main · coax", "the count");
  await look(false);
  assertEquals(await page.title(), "main · coax");
  await desk.check();
});

testWith(browser, "page: a reader stays where they read, and goes on at the end", async () => {
  await using room = await openRoom(0, "--history", "200");
  await using desk = await TestBrowser.open();
  using carol = await Guest.join(room.tcp);
  await carol.type(Array.from({ length: 100 }, (_, n) => `line ${n}`).join("\n") + "\n/who");
  await carol.sees(/^-- here/);
  const person = await desk.visit(room.url);
  const { page } = person;
  const below = () =>
    page.evaluate(
      "(({ scrollHeight, scrollTop, clientHeight }) => scrollHeight - scrollTop - clientHeight)(log)",
    ) as Promise<number>;
  await until(async () => await below() < 2, "the end at first");
  await carol.type("at the end");
  await person.sees(".text", "at the end");
  await until(async () => await below() < 2, "still the end");
  const top = await page.evaluate("log.scrollBy(0, -400), log.scrollTop");
  // The browser reports it with its next frame.
  await page.evaluate(
    "new Promise((next) => requestAnimationFrame(() => requestAnimationFrame(next)))",
  );
  await carol.type("news\nmore news");
  await page.getByRole("button", { name: "2 new lines" }).waitFor();
  assertEquals(await page.evaluate("log.scrollTop"), top);
  await page.getByRole("button", { name: "2 new lines" }).click();
  await until(async () => await below() < 2, "the end again");
  assertEquals(await page.locator("#latest").isHidden(), true);
  await desk.check();
});

testWith(browser, "page: by keyboard, on 320 pixels, in a dark room", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  using carol = await Guest.join(room.tcp);
  await carol.type(`/nick ${"W".repeat(32)}\n${"long".repeat(500)}\nמילים בעברית`);
  const person = await desk.visit(room.url, {
    viewport: { width: 320, height: 640 },
    colorScheme: "dark",
    reducedMotion: "reduce",
  });
  const { page } = person;
  await person.sees(".text", "מילים");
  await person.type(`/nick ${"M".repeat(32)}`);
  await person.isCalled("M".repeat(32));
  assertEquals(await page.evaluate("document.documentElement.scrollWidth"), 320);
  assertEquals(await page.evaluate("log.scrollWidth <= log.clientWidth"), true);
  assertEquals(await page.evaluate("document.activeElement.id"), "text");
  await page.keyboard.press("Shift+Tab");
  assertEquals(await page.evaluate("document.activeElement.id"), "log");
  await page.keyboard.press("Shift+Tab");
  assertEquals(await page.evaluate("document.activeElement.id"), "who");
  await page.keyboard.press("Enter");
  await page.locator("#panel").getByRole("button", { name: "W".repeat(32) }).waitFor();
  assertEquals(await page.locator("#who").getAttribute("aria-expanded"), "true");
  await page.keyboard.press("Escape");
  assertEquals(await page.locator("#who").getAttribute("aria-expanded"), "false");
  await page.keyboard.press("Enter");
  await page.locator("#panel").getByRole("button", { name: "W".repeat(32) }).focus();
  await page.keyboard.press("Enter");
  assertEquals(await page.evaluate("document.activeElement.id"), "text");
  await person.type("psst");
  await carol.sees(/-> W{32}\] psst$/);
  await desk.check();
});

testWith(browser, "page: Enter while an input method composes sends nothing", async () => {
  await using room = await openRoom();
  await using desk = await TestBrowser.open();
  const person = await desk.visit(room.url);
  await person.page.locator("#text").fill("にほん");
  const prevented = await person.page.evaluate(`!document.getElementById("text").dispatchEvent(
    new KeyboardEvent("keydown", { key: "Enter", isComposing: true, cancelable: true }))`);
  assertEquals(prevented, false);
  assertEquals(await person.page.locator("#text").inputValue(), "にほん");
  await person.page.locator("#text").press("Shift+Enter");
  await person.page.keyboard.type("ご");
  await person.page.locator("#text").press("Enter");
  await person.reads(["にほん\nご"]);
  await desk.check();
});
