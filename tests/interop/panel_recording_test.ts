/** Recordings that are made in the panel: saved in two formats, and played from there. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Page } from "playwright-core";
import { run } from "../e2e/coax.ts";
import { connectTo, receiveText, send, soon } from "../e2e/peers.ts";
import { until } from "../support/wait.ts";
import { browser, TestBrowser } from "./browser.ts";
import { openControl, serious } from "./panel_lab.ts";
import { available, testWith } from "./peer_program.ts";

const tshark = { name: "tshark", available: available("tshark", ["--version"], /TShark/) };

/** Records connections that say `text` to an echo, one at least, and stops. */
async function record(page: Page, address: string, text: string): Promise<void> {
  await page.getByRole("button", { name: "Record", exact: true }).click();
  // The recording begins a moment after the button was pressed.
  const isRecorded = page.getByRole("button", { name: /^Stop, ([1-9]\d\d B|.*[kM]B)$/ });
  await until(async () => {
    using conn = await connectTo(address);
    await send(conn, text);
    await conn.closeWrite();
    assertEquals(await soon(receiveText(conn), "the echo"), text);
    return await isRecorded.count() > 0;
  }, "a recording");
  await page.getByRole("button", { name: /^Stop,/ }).click();
  await page.getByRole("heading", { name: "Recording" }).waitFor();
}

/** What a button of the recording saves. */
async function saved(page: Page, button: string): Promise<{ name: string; path: string }> {
  const downloading = page.waitForEvent("download");
  await page.getByRole("button", { name: button }).click();
  const download = await downloading;
  return { name: download.suggestedFilename(), path: (await download.path())! };
}

testWith(browser, "panel: a recording made there replays with coax replay --check", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await record(page, lab.listens[0]!, "hello");
  const { name, path } = await saved(page, "Save as JSONL");
  assertEquals(name, "cache.jsonl");
  const words = ["replay", path, lab.upstream, "--check", "--speed", "max"];
  const { status, stderr } = await run(words);
  assertEquals(status, 0, stderr);
  assertMatch(stderr, /replayed connection \d+: sent 5, received 5 bytes/);
  await desk.check();
});

testWith(
  browser,
  "panel: a recording replays from the page, and a fault shows as a difference",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    await record(page, lab.listens[0]!, "hello, <b>world");
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByText(/^Same as recorded\. Connections: \d+\.$/).waitFor();
    const corrupt = { name: "c", type: "corrupt", attributes: { probability: 1 } };
    await lab.control.json(200, "POST", "/proxies/cache/toxics", corrupt);
    await page.getByRole("button", { name: "Replay" }).click();
    await page.getByText(/^Not the same as recorded: \d+ of \d+ connections\./).waitFor();
    await page.getByText(/connection \d+: byte 0 differs from the recording$/).first().waitFor();
    const dump = (await page.locator(".kept pre").textContent())!;
    assertMatch(dump, /^- recorded\n- 00000000 {2}68 65 6c 6c 6f 2c 20 3c /);
    assertMatch(dump, /\n\+ received\n\+ 00000000 /);
    assertEquals(await page.locator(".kept b").count(), 0);
    assertEquals(await serious(page), []);
    await page.getByRole("button", { name: "Discard" }).click();
    await page.getByRole("heading", { name: "Recording" }).waitFor({ state: "detached" });
    await desk.check();
  },
);

testWith(browser, "panel: a replay that is stopped says how far it came", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await record(page, lab.listens[0]!, "hello");
  const stall = { name: "stall", type: "stall", attributes: { bytes: 0 } };
  await lab.control.json(200, "POST", "/proxies/cache/toxics", stall);
  await page.getByRole("button", { name: "Replay" }).click();
  await page.getByText(/^Replaying: 0 of \d+ connections are over\.$/).waitFor();
  await page.getByRole("button", { name: "Stop replaying" }).click();
  await page.getByText(/^Stopped after 0 of \d+ connections/).waitFor();
  await page.getByRole("button", { name: "Replay" }).waitFor();
  await desk.check();
});

testWith(browser, "panel: what is too long to be replayed from there says so", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await record(page, lab.listens[0]!, "long ".repeat(200_000));
  await page.getByText(/^Up to 1 MiB can be replayed from here\./).waitFor();
  assert(await page.getByRole("button", { name: "Replay" }).isDisabled());
  await desk.check();
});

if (await browser.available) {
  testWith(tshark, "panel: a recording saved as pcap opens in tshark", async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    await record(page, lab.listens[0]!, "hello");
    const { name, path } = await saved(page, "Save as pcap");
    assertEquals(name, "cache.pcap");
    const { code, stdout } = await new Deno.Command("tshark", {
      args: ["-r", path, "-T", "fields", "-e", "tcp.payload", "-e", "tcp.analysis.flags"],
      stdin: "null",
      stderr: "null",
    }).output();
    assertEquals(code, 0);
    const lines = new TextDecoder().decode(stdout).split("\n").filter((line) => line.trim() !== "");
    assert(lines.length >= 2, `${lines}`);
    for (const line of lines) assertEquals(line.trim(), "68656c6c6f");
    await desk.check();
  });
}
