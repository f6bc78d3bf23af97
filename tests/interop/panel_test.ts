/** The panel in a real browser, with real traffic through the proxies of a control. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { ControlProcess } from "../e2e/control.ts";
import { connectTo, send, soon } from "../e2e/peers.ts";
import { until } from "../support/wait.ts";
import { browser, TestBrowser } from "./browser.ts";
import { openControl, roundTrip, rowOf, serious } from "./panel_lab.ts";
import { testWith } from "./peer_program.ts";

testWith(
  browser,
  "panel: a fault that is switched on shows in the page and in the client",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    using conn = await connectTo(lab.listens[0]!);
    assert(await roundTrip(conn) < 150);
    const toClient = page.getByRole("switch", { name: "Latency, to client" });
    await toClient.click();
    await page.locator('[role=switch][aria-label="Latency, to client"][aria-checked=true]')
      .waitFor();
    assert(await roundTrip(conn) >= 199, "200 ms by default");
    const { toxics } = await lab.control.json<{ toxics: { name: string }[] }>(
      200,
      "GET",
      "/proxies/cache",
    );
    assertEquals(toxics.map(({ name }) => name), ["latency_downstream"]);
    const delay = page.getByRole("spinbutton", { name: "delay, ms" });
    await delay.fill("400");
    await new Promise((resolve) => setTimeout(resolve, 1200)); // The page is drawn meanwhile.
    assertEquals(await delay.inputValue(), "400");
    await delay.press("Enter");
    await until(async () => await roundTrip(conn) >= 399, "400 ms", 5000);
    await toClient.click();
    await page.locator(".sliders").waitFor({ state: "detached" });
    assert(await roundTrip(conn) < 150);
    await desk.check();
  },
);

testWith(
  browser,
  "panel: a toxic that another client makes or changes shows in the page",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    await page.getByRole("heading", { name: "cache" }).waitFor();
    const path = "/proxies/cache/toxics";
    await lab.control.ask("POST", path, {
      name: "mine",
      type: "bandwidth",
      attributes: { rate: 40 },
    });
    const rate = page.getByRole("group", { name: "to client · mine" }).getByRole("slider").first();
    await rate.waitFor();
    assertEquals(await rate.getAttribute("aria-valuetext"), "40 kB/s");
    await lab.control.ask("PATCH", `${path}/mine`, { attributes: { rate: 50 } });
    await page.locator('[aria-valuetext="50 kB/s"]').waitFor();
    await lab.control.ask("DELETE", `${path}/mine`);
    await rate.waitFor({ state: "detached" });
    await desk.check();
  },
);

testWith(
  browser,
  "panel: a connection that is reset there sees ECONNRESET, one that is cut an end",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    using doomed = await connectTo(lab.listens[0]!);
    using cut = await connectTo(lab.listens[0]!);
    await roundTrip(doomed);
    await roundTrip(cut);
    await rowOf(page, doomed).getByRole("button", { name: /^Reset connection/ }).click();
    const error = await soon(doomed.read(new Uint8Array(1)).catch((error) => error), "the reset");
    assert(error instanceof Deno.errors.ConnectionReset, `${error}`);
    await rowOf(page, doomed).getByText("reset, as the control was asked to").waitFor();
    await rowOf(page, cut).getByRole("button", { name: /^Cut connection/ }).click();
    assertEquals(await soon(cut.read(new Uint8Array(1)), "the end"), null);
    await page.getByText(/^Connection \d+ is cut\.$/).waitFor();
    await desk.check();
  },
);

testWith(browser, "panel: hostile names, addresses and messages show as text", async () => {
  const name = `<img src=x onerror=alert(1)>\u202e`;
  await using lab = await openControl([name, "b"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await page.getByRole("heading", { name: "<img src=x onerror=alert(1)>\\u{202e}" }).waitFor();
  const toxic = { name: "</script><b>bold", type: "noop" };
  await lab.control.ask("POST", `/proxies/${encodeURIComponent(name)}/toxics`, toxic);
  await page.locator(".activity bdi", { hasText: "</script><b>bold" }).first().waitFor();
  await page.locator(".sliders-title", { hasText: "</script><b>bold" }).waitFor();
  using conn = await connectTo(lab.listens[0]!);
  await send(conn, "<script>alert(1)</script>\x1b[31m");
  await rowOf(page, conn).waitFor();
  assertEquals(await page.locator("img, b, #app script").count(), 0);
  await desk.check();
});

testWith(
  browser,
  "panel: by keyboard alone a proxy is made, broken, and its client reset",
  async () => {
    await using lab = await openControl([]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url);
    await page.getByRole("heading", { name: "No proxy yet" }).waitFor();
    const tabTo = async (matches: (name: string) => boolean) => {
      for (let i = 0; i < 60; i++) {
        await page.keyboard.press("Tab");
        const focused = await page.evaluate<string>(
          "document.activeElement.ariaLabel ?? document.activeElement.textContent",
        );
        if (matches(focused)) return;
      }
      throw new Error("nothing with that name gets the focus");
    };
    await tabTo((name) => name === "New proxy");
    await page.keyboard.press("Enter");
    await page.keyboard.type("by-hand");
    await page.keyboard.press("Tab");
    await page.keyboard.type("127.0.0.1:0");
    await page.keyboard.press("Tab");
    await page.keyboard.type(lab.upstream);
    await page.keyboard.press("Enter");
    await page.getByRole("heading", { name: "by-hand" }).waitFor();
    const { listen } = await lab.control.json<{ listen: string }>(200, "GET", "/proxies/by-hand");
    using conn = await connectTo(`tcp://${listen}`);
    await roundTrip(conn);
    await rowOf(page, conn).waitFor();
    await tabTo((name) => name === "Latency, to target");
    await page.keyboard.press("Space");
    await page.getByRole("slider").first().waitFor();
    const slider = page.getByRole("slider", { name: "delay" });
    await slider.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
    await page.locator('[aria-valuetext="400 ms"]').waitFor();
    await until(async () => await roundTrip(conn) >= 399, "the delay", 5000);
    await page.getByRole("searchbox").focus();
    await tabTo((name) => name.startsWith("Reset connection"));
    await page.keyboard.press("Enter");
    const error = await soon(conn.read(new Uint8Array(1)).catch((error) => error), "the reset");
    assert(error instanceof Deno.errors.ConnectionReset, `${error}`);
    await desk.check();
  },
);

testWith(
  browser,
  "panel: asks for the token where one is needed, and shows nothing before",
  async () => {
    await using lab = await ControlProcess.start("--token", "open-sesame");
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.url);
    const token = page.getByLabel("Token", { exact: true });
    await token.fill("wrong");
    await token.press("Enter");
    await page.getByText("That isn't the token.").waitFor();
    await token.fill("open-sesame");
    await token.press("Enter");
    await page.getByRole("heading", { name: "No proxy yet" }).waitFor();
    await page.reload();
    await page.getByRole("heading", { name: "No proxy yet" }).waitFor();
    await desk.check();
  },
);

testWith(browser, "panel: speaks the reader's language, and another when asked", async () => {
  await using lab = await openControl(["cache"]);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url, { locale: "zh-CN" });
  await page.getByRole("heading", { name: "故障" }).waitFor();
  assertEquals(await page.evaluate("document.documentElement.lang"), "zh-Hans");
  await page.getByRole("button", { name: "English" }).click();
  await page.getByRole("heading", { name: "Faults" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Faults" }).waitFor();
  await desk.check();
});

testWith(browser, "panel: goes on by itself when the control is back", async () => {
  await using lab = await openControl(["cache"]);
  const { port } = new URL(lab.control.url);
  await using desk = await TestBrowser.open();
  const { page } = await desk.look(lab.control.url);
  await page.getByText("Live", { exact: true }).waitFor();
  await lab.control[Symbol.asyncDispose]();
  await page.getByText("No connection, trying again").waitFor();
  await using again = await ControlProcess.of(["control", `127.0.0.1:${port}`]);
  await again.proxy("another", lab.upstream);
  await page.getByText("Live", { exact: true }).waitFor();
  await page.getByRole("heading", { name: "another" }).waitFor();
  await desk.check();
});

for (const colorScheme of ["light", "dark"] as const) {
  for (const width of [320, 768, 1440]) {
    const name = `panel: axe finds nothing serious at ${width} px, ${colorScheme}`;
    testWith(browser, name, async () => {
      await using lab = await openControl(["cache", "a name that is longer than its card is wide"]);
      await using desk = await TestBrowser.open();
      const viewport = { width, height: 900 };
      const { page } = await desk.look(lab.control.url, { viewport, colorScheme });
      const conns = [await connectTo(lab.listens[0]!), await connectTo(lab.listens[0]!)];
      await roundTrip(conns[0]!);
      for (const fault of ["Latency, to target", "Bandwidth, to client"]) {
        await page.getByRole("switch", { name: fault }).click();
      }
      await rowOf(page, conns[0]!).getByRole("button", { name: /^Reset/ }).click();
      await page.getByText(/^Connection \d+ is reset\.$/).waitFor();
      assertEquals(await serious(page), []);
      const wide = await page.evaluate<number>("document.documentElement.scrollWidth");
      assert(wide <= width, `${wide} px`);
      await page.getByRole("button", { name: "+ New proxy" }).click();
      assertEquals(await serious(page), []);
      for (const conn of conns) conn.close();
      await desk.check();
    });
  }
}

testWith(
  browser,
  "panel: is light or dark as its reader wants, also when loaded anew",
  async () => {
    await using lab = await openControl(["cache"]);
    await using desk = await TestBrowser.open();
    const { page } = await desk.look(lab.control.url, { colorScheme: "dark" });
    const color = () =>
      page.evaluate<string>("getComputedStyle(document.body.parentElement).backgroundColor");
    const [light, dark] = ["rgb(244, 246, 247)", "rgb(17, 21, 24)"];
    assertEquals(await color(), dark);
    await page.getByRole("button", { name: "Colors: as the system" }).press("Enter");
    await page.getByRole("button", { name: "Colors: light" }).waitFor();
    assertEquals(await color(), light);
    assertEquals(await serious(page), []);
    await page.reload();
    await page.getByRole("button", { name: "Colors: light" }).click();
    assertEquals(await color(), dark);
    await page.emulateMedia({ colorScheme: "light" });
    assertEquals(await color(), dark);
    assertEquals(await serious(page), []);
    await page.getByRole("button", { name: "Colors: dark" }).click();
    await page.getByRole("button", { name: "Colors: as the system" }).waitFor();
    assertEquals(await color(), light);
    await desk.check();
  },
);

Deno.test("panel: the page is served at / with a policy that lets in this program alone", async () => {
  await using control = await ControlProcess.start("--token", "open-sesame");
  const { status, headers, text } = await control.ask("GET", "/");
  assertEquals(status, 200);
  assertMatch(text, /^<!doctype html>/i);
  assertMatch(headers.get("content-security-policy")!, /^default-src 'none'; script-src 'sha256-/);
  assertEquals(text.includes("open-sesame"), false);
  const head = await control.ask("HEAD", "/");
  assertEquals([head.status, head.text], [200, ""]);
  for (const path of ["/proxies", "/connections", "/events", "//"]) {
    assertEquals((await control.ask("GET", path)).status, 401, path);
  }
  assertEquals((await control.ask("POST", "/")).status, 401);
});
