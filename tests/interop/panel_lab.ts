/** What tests of the panel share: a control, its connections, and the page's parts. */
import type { Locator, Page } from "playwright-core";
import { Coax } from "../e2e/coax.ts";
import { ControlProcess } from "../e2e/control.ts";
import { receive, send, soon } from "../e2e/peers.ts";

/** A control with proxies that lead to an echo. */
export async function openControl(names: readonly string[], ...args: string[]) {
  const echo = Coax.start(["echo", "127.0.0.1:0"]);
  const upstream = (await echo.address()).replace("tcp://", "");
  const control = await ControlProcess.start(...args);
  const proxies = [];
  for (const name of names) proxies.push(await control.proxy(name, upstream));
  return {
    control,
    upstream,
    listens: proxies.map(({ listen }) => `tcp://${listen}`),
    async [Symbol.asyncDispose]() {
      await control[Symbol.asyncDispose]();
      await echo[Symbol.asyncDispose]();
    },
  };
}

/** Sends a text, and waits until all of it is back. */
export async function exchange(conn: Deno.Conn, text: string): Promise<void> {
  await send(conn, text);
  await soon(receive(conn, new TextEncoder().encode(text).length), "the echo");
}

/** The time of one byte's round trip, milliseconds. */
export async function roundTrip(conn: Deno.Conn): Promise<number> {
  const start = performance.now();
  await send(conn, "x");
  await soon(receive(conn, 1), "the echo");
  return performance.now() - start;
}

/** Opens the view of the connection that `conn` has opened. */
export async function look(page: Page, conn: Deno.Conn): Promise<void> {
  await rowOf(page, conn).getByRole("button", { name: /^(?:Look into|查看连接)/ }).click();
}

/** The row of the connection that `conn` has opened. */
export function rowOf(page: Page, conn: Deno.Conn): Locator {
  const { port } = conn.localAddr as Deno.NetAddr;
  return page.getByRole("row", { name: `127.0.0.1:${port}` });
}

/** What axe calls serious or critical, with the elements. */
export async function serious(page: Page): Promise<string[]> {
  const { default: axe } = await import("axe-core");
  // The page's policy lets no script in, so it is run by the debugger's protocol.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<import("axe-core").AxeResults>("axe.run()");
  return violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
}
