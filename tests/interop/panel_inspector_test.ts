/** One connection in the panel, in a real browser: its bytes and its ladder, also afterwards. */
import { assert, assertEquals } from "@std/assert";
import type { Locator, Page } from "playwright-core";
import { connectTo, receiveText, soon } from "../e2e/peers.ts";
import { browser, TestBrowser } from "./browser.ts";
import { exchange, look, openControl, rowOf, serious } from "./panel_lab.ts";
import { testWith } from "./peer_program.ts";

testWith(
  browser,
  "panel: a connection's bytes are seen as text, hex and pieces, and found",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    await page.getByText("Live", { exact: true }).waitFor();
    using conn = await connectTo(lab.listens[0]!);
    const hostile = "<img src=x onerror=alert(1)>\x1b[2J\u202e caf\u00e9\r\nsecond line";
    await exchange(conn, hostile);
    await look(page, conn);
    const text = page.locator(".piece.up pre").first();
    const shown = "<img src=x onerror=alert(1)>\\x1b[2J\\u{202e} caf\u00e9\nsecond line";
    await page.locator(".piece.down pre", { hasText: "second line" }).waitFor();
    assertEquals(await text.textContent(), shown);
    assertEquals(await page.locator("img").count(), 0);
    const search = page.getByRole("searchbox", { name: "Find text, or bytes as 0d 0a" });
    await search.fill("SECOND");
    await page.locator("mark", { hasText: "second" }).first().waitFor();
    await search.fill("nowhere");
    await page.getByText("Nothing that passed has that.").waitFor();
    await search.fill("0d 0a 73");
    await page.getByRole("button", { name: "Hex" }).click();
    await page.locator("pre", { hasText: "00000000  3c 69 6d 67 20 73 72 63" }).first().waitFor();
    await page.getByRole("button", { name: "Pieces" }).click();
    await page.locator("pre", { hasText: "\\r\\nsecond line" }).first().waitFor();
    assertEquals(await serious(page), []);
    await search.fill("");
    await conn.closeWrite();
    await page.getByText("The client is done sending").waitFor();
    await page.getByText("The connection is over.").waitFor();
    await page.keyboard.press("Escape");
    await page.locator("dialog").waitFor({ state: "detached" });
    await desk.check();
  },
);

/** A line of explanation in a ladder. */
function lesson(page: Page, text: string): Locator {
  return page.locator(".ladder .lesson", { hasText: text });
}

/** The texts that a ladder has for its readers, from the top down. */
function ladderSteps(page: Page): Promise<string[]> {
  return page.locator(".ladder [role=img], .ladder .note").evaluateAll((rows) =>
    rows.map((row) =>
      row.getAttribute("aria-label") ??
        [...row.querySelectorAll("text")].map((one) => one.textContent).join(" ")
    )
  );
}

testWith(browser, "panel: a connection's ladder grows, step by step, up to its reset", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await page.getByText("Live", { exact: true }).waitFor();
  using conn = await connectTo(lab.listens[0]!);
  await look(page, conn);
  await page.getByRole("button", { name: "Ladder" }).click();
  const arrow = (name: RegExp) => page.locator(".ladder").getByRole("img", { name });
  await arrow(/^target → relay \(coax\): accept \(SYN, ACK\)$/).waitFor();
  const listen = lab.listens[0]!;
  const steps = [
    "creates a socket",
    "binds 127.0.0.1:0",
    `listens on ${listen.replace("tcp://", "")}`,
    "client → relay (coax): connect (SYN, ACK)",
    "relay (coax) → target: connect (SYN)",
    "target → relay (coax): accept (SYN, ACK)",
  ];
  const told = await ladderSteps(page);
  assertEquals(told.slice(0, steps.length), steps);
  await lesson(page, "The socket gets its address: this is where others can find it.").waitFor();
  await exchange(conn, "hello <b>ladder</b>");
  await arrow(/^client → target: "hello <b>ladder<\/b>", 19 B$/).waitFor();
  await lesson(page, "The first byte.").waitFor();
  assertEquals(await page.locator(".ladder b").count(), 0);
  await page.getByRole("checkbox", { name: "Explain each step" }).uncheck();
  await page.locator(".ladder .lesson").first().waitFor({ state: "detached" });
  assertEquals(await serious(page), []);
  await page.locator("dialog").getByRole("button", { name: /^Reset connection/ }).click();
  await arrow(/^relay \(coax\) → client: reset \(RST\)$/).waitFor();
  await arrow(/^relay \(coax\) → target: reset \(RST\)$/).waitFor();
  await page.getByText("The connection is over: reset, as the control was asked to").waitFor();
  const error = await soon(conn.read(new Uint8Array(1)).catch((error) => error), "the reset");
  assert(error instanceof Deno.errors.ConnectionReset, `${error}`);
  await page.getByRole("button", { name: "Text" }).click();
  await page.getByText("coax reset it").waitFor();
  await page.keyboard.press("Escape");
  await rowOf(page, conn).getByRole("cell", { name: /^reset/ }).waitFor();
  await desk.check();
});

testWith(
  browser,
  "panel: a half-close is an arrow, and a closed connection can be read",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url, { locale: "zh-CN" });
    await page.getByText("实时", { exact: true }).waitFor();
    using conn = await connectTo(lab.listens[0]!);
    await exchange(conn, "before anyone looks");
    await conn.closeWrite();
    await receiveText(conn);
    await rowOf(page, conn).getByText("已关闭").waitFor();
    await page.reload();
    await page.getByRole("combobox", { name: "显示" }).selectOption("closed");
    await look(page, conn);
    await page.locator(".piece.down pre", { hasText: "before anyone looks" }).waitFor();
    await page.getByText("连接已结束。").waitFor();
    await page.getByRole("button", { name: "时序图" }).click();
    await page.getByRole("img", { name: "客户端 → 目标: 流结束 (FIN)" }).waitFor();
    await lesson(page, "客户端没有更多要发送的了").waitFor();
    const told = await ladderSteps(page);
    assertEquals(told.at(-1), "已关闭");
    assertEquals(told.includes("目标 → 客户端: 流结束 (FIN)"), true, told.join("\n"));
    await page.keyboard.press("Escape");
    await page.getByRole("combobox", { name: "显示" }).selectOption("open");
    await page.getByText("没有连接。").waitFor();
    await desk.check();
  },
);

testWith(browser, "panel: what isn't kept of a connection is said", async () => {
  await using lab = await openControl(["cache"]);
  using early = await connectTo(lab.listens[0]!);
  await exchange(early, "unseen");
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await look(page, early);
  await page.getByText("12 B passed before anyone looked, and weren't kept.").waitFor();
  await page.getByRole("button", { name: "Ladder" }).click();
  await page.getByText("→ 6 B ← 6 B before this: not kept").waitFor();
  await page.keyboard.press("Escape");
  // Rows stay where they are as long as one of them has the focus, or is pointed at.
  await page.getByRole("searchbox").click();
  using late = await connectTo(lab.listens[0]!);
  for (let i = 0; i < 5; i++) await exchange(late, "x".repeat(20_000));
  await look(page, late);
  const kept = /^\d+(?:\.\d)? kB before these are no longer kept: of a connection, the last 64 KiB/;
  await page.getByText(kept).waitFor();
  await desk.check();
});
