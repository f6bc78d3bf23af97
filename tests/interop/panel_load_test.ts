/** The panel with more than a page would ever have to show: 5,000 connections, 10,000 events/s. */
import { assert, assertEquals } from "@std/assert";
import { formatEvent } from "../../src/record/event.ts";
import { type Answer, ControlProcess } from "../e2e/control.ts";
import { connection, sumsOf } from "../control/panel/events.ts";
import { browser, TestBrowser } from "./browser.ts";
import { until } from "../support/wait.ts";
import { testWith } from "./peer_program.ts";

const CONNECTIONS = 5000;
/** Events each twentieth of a second: 10,000 a second. */
const BURST = 500;
const INTERVAL = 50;

/** The page of the program that is tested. */
async function pageOfControl(): Promise<Answer> {
  await using control = await ControlProcess.start();
  return await control.ask("GET", "/");
}

/** Stands for a control: the page, and as many events as it says whatever the page takes. */
function floodingControl({ text: page, headers }: Answer) {
  const encoder = new TextEncoder();
  let told = 0;
  let id = CONNECTIONS;
  const since = new Date().toISOString();
  const list = JSON.stringify(
    Array.from({ length: CONNECTIONS }, (_, i) => connection(i + 1, { since, sent: i })),
  );
  const proxy = { name: "a", listen: "127.0.0.1:1", upstream: "127.0.0.1:2", enabled: true };
  const burst = () => {
    const time = new Date().toISOString();
    let text = "";
    for (let i = 0; i < BURST; i++, told++) {
      if (i % 2 === 0) id++;
      const event = i % 2 ? "close" : "accept";
      const peer = `127.0.0.1:${id % 60000}`;
      const message = `${event} ${peer} on 127.0.0.1:1, and what else there is to say about it`;
      const data = { time, level: "debug", event, proxy: "a", id, peer, message };
      text += `event: log\ndata: ${JSON.stringify(data)}\n\n`;
    }
    const sums = sumsOf("a", { received: told * 100, sent: told * 300, active: CONNECTIONS });
    const data = { time, missed: 0, proxies: [sums] };
    return encoder.encode(`${text}event: sums\ndata: ${JSON.stringify(data)}\n\n`);
  };
  let t = 0;
  const pieces = () => {
    let text = "";
    for (let i = 0; i < BURST; i++) {
      t += 0.0001;
      text += formatEvent({
        t,
        id: 1,
        event: "data",
        dir: i % 2 ? "out" : "in",
        payload: { data: encoder.encode(`piece ${i} at ${t}, which is a line of some length\n`) },
      });
    }
    return encoder.encode(text);
  };
  const opening = formatEvent({ t: 0, id: 1, event: "open", dir: "in", peer: "127.0.0.1:1" });
  const stream = (first: string, next: () => Uint8Array) => {
    let timer: ReturnType<typeof setInterval>;
    return new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(encoder.encode(first));
        timer = setInterval(() => controller.enqueue(next()), INTERVAL);
      },
      cancel: () => clearInterval(timer),
    });
  };
  const json = (text: string) =>
    new Response(text, { headers: { "Content-Type": "application/json" } });
  const server = Deno.serve({ port: 0, hostname: "127.0.0.1", onListen() {} }, ({ url }) => {
    const { pathname } = new URL(url);
    if (pathname === "/proxies") return json(JSON.stringify({ a: { ...proxy, toxics: [] } }));
    if (pathname === "/connections") return json(list);
    if (pathname === "/events") return new Response(stream("", burst));
    if (pathname === "/recording") return new Response(stream(opening, pieces));
    const policy = headers.get("content-security-policy")!;
    const type = headers.get("content-type")!;
    return new Response(page, {
      headers: { "Content-Security-Policy": policy, "Content-Type": type },
    });
  });
  return { url: `http://127.0.0.1:${server.addr.port}/`, server };
}

/** Runs in the page: times of its frames for some seconds, and the memory of its program. */
const MEASURE = `(async () => {
  const gaps = [];
  let last = performance.now();
  const end = last + 5000;
  await new Promise((resolve) => {
    const frame = (now) => {
      gaps.push(now - last);
      last = now;
      if (now < end) requestAnimationFrame(frame); else resolve();
    };
    requestAnimationFrame(frame);
  });
  gaps.sort((a, b) => a - b);
  return {
    median: gaps[gaps.length >> 1],
    p99: gaps[Math.floor(gaps.length * 0.99)],
    worst: gaps.at(-1),
    heap: performance.memory.usedJSHeapSize / 2 ** 20,
    nodes: document.querySelectorAll("*").length,
  };
})()`;

interface Measured {
  median: number;
  p99: number;
  worst: number;
  heap: number;
  nodes: number;
}

/** What a frame may take where an empty page's take as long as they do now, milliseconds. */
async function slowestFrame(desk: TestBrowser): Promise<number> {
  const { page } = await desk.look("about:blank");
  const { p99 } = await page.evaluate<Measured>(MEASURE);
  return 250 + 4 * p99;
}

testWith(
  browser,
  "panel: 5,000 connections and 10,000 events a second leave it usable",
  async () => {
    const control = floodingControl(await pageOfControl());
    await using _ = { [Symbol.asyncDispose]: () => control.server.shutdown() };
    {
      await using desk = await TestBrowser.open();
      const most = await slowestFrame(desk);
      const { page } = await desk.look(control.url);
      await page.getByRole("table", { name: "Connections" }).waitFor();
      await page.locator('.rows[aria-rowcount="6001"]').waitFor();
      const first = await page.evaluate<Measured>(MEASURE);
      const start = performance.now();
      await page.getByRole("searchbox").fill("#4321");
      await page.locator('.rows[aria-rowcount="2"]').waitFor();
      const found = performance.now() - start;
      await page.getByRole("searchbox").fill("");
      await page.locator('.rows[aria-rowcount="6001"]').waitFor();
      const later = await page.evaluate<Measured>(MEASURE);
      for (const { p99, heap, nodes } of [first, later]) {
        assert(p99 < most, `a frame took ${p99} ms, of ${most}`);
        assert(heap < 100, `${heap} MiB`);
        assert(nodes < 2000, `${nodes} elements`);
      }
      assert(found < 5000, `a search took ${found} ms`);
      await desk.check();
      assertEquals(await page.locator("#state").textContent(), "Live");
    }
  },
);

testWith(
  browser,
  "panel: a connection with 10,000 pieces a second can be looked into",
  async () => {
    const control = floodingControl(await pageOfControl());
    await using _ = { [Symbol.asyncDispose]: () => control.server.shutdown() };
    {
      await using desk = await TestBrowser.open();
      const most = 2 * await slowestFrame(desk);
      const { page } = await desk.look(control.url);
      await page.getByRole("searchbox").fill("#1");
      await page.getByRole("button", { name: "Look into connection 1", exact: true }).click();
      const dropped = page.getByText("before these are no longer kept");
      await dropped.waitFor();
      for (const view of ["Text", "Hex", "Pieces", "Ladder"]) {
        await page.getByRole("button", { name: view }).click();
        const { p99, heap, nodes } = await page.evaluate<Measured>(MEASURE);
        assert(p99 < most, `${view}: a frame took ${p99} ms, of ${most}`);
        assert(heap < 100, `${view}: ${heap} MiB`);
        assert(nodes < 2000, `${view}: ${nodes} elements`);
      }
      const carried = () => page.locator(".ladder .heading").textContent();
      const before = await carried();
      await until(async () => await carried() !== before, "the ladder goes on");
      await desk.check();
    }
  },
);
