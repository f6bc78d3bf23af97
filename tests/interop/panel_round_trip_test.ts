/** The panel's round trips, in a real browser, beside those that a real client measures. */
import { assert, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { connectTo } from "../e2e/peers.ts";
import { until } from "../support/wait.ts";
import { browser, TestBrowser } from "./browser.ts";
import { openControl, roundTrip } from "./panel_lab.ts";
import { testWith } from "./peer_program.ts";

/** What a screen reader says of the plot. */
const NOW = /^Round trip now: half of the answers came within ([\d.]+) (ms|s), 99 of 100 within /;
/** Attempts, of which a loaded machine may spoil all but one. */
const ATTEMPTS = 10;

/** A client that asks again and again, until it is disposed of. */
async function client(address: string) {
  const conn = await connectTo(address);
  let isOver = false;
  const latest = { milliseconds: 0 };
  const asking = (async () => {
    while (!isOver) latest.milliseconds = await roundTrip(conn);
  })();
  return {
    latest,
    async [Symbol.asyncDispose]() {
      isOver = true;
      await asking;
      conn.close();
    },
  };
}

/** The median that the plot shows, milliseconds; NaN before there is one. */
async function shownMedian(page: Page): Promise<number> {
  const label = await page.getByRole("img", { name: /^Round trip/ }).getAttribute("aria-label");
  const [, number, unit] = NOW.exec(label!) ?? [];
  return Number(number) * (unit === "s" ? 1000 : 1);
}

for (const towards of ["to target", "to client"]) {
  testWith(
    browser,
    `panel: latency ${towards} shows in the plot within 2 s, and in the client`,
    async () => {
      await using lab = await openControl(["cache"]);
      await using desk = await TestBrowser.open();
      const { page } = await desk.look(lab.control.url);
      await using asking = await client(lab.listens[0]!);
      const latency = page.getByRole("switch", { name: `Latency, ${towards}` });
      let took = Infinity;
      for (let attempt = 0; attempt < ATTEMPTS && took > 2000; attempt++) {
        await until(async () => await shownMedian(page) < 150, "a quick answer");
        await latency.click();
        const start = performance.now();
        await until(async () => await shownMedian(page) >= 199, "200 ms by default");
        took = performance.now() - start;
        assert(asking.latest.milliseconds >= 199, `${asking.latest.milliseconds} ms`);
        await latency.click();
      }
      assert(took <= 2000, `${took} ms until it showed`);
      await until(async () => await shownMedian(page) < 150, "the end of it");
      assert(await page.locator(".tiles .median dd").first().textContent() !== "–");
      await desk.check();
    },
  );
}

testWith(browser, "panel: the round trip says how it is measured, in both languages", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await page.getByRole("img", { name: "Round trip: no answer yet" }).waitFor();
  const plot = page.getByRole("figure").filter({ has: page.getByText("Round trip") });
  assertMatch((await plot.textContent())!, /from the first byte that one sends/);
  await page.getByRole("button", { name: "中文" }).click();
  await page.getByRole("img", { name: "往返时间：尚无应答" }).waitFor();
  await page.getByText("客户端等待的时长").waitFor();
  await desk.check();
});
