/** Pictures of a connection's ladder in the panel. */
import { ControlProcess, type ShownConnection } from "../../tests/e2e/control.ts";
import { Desk, SCHEMES, shoot } from "./chromium.ts";
import { Ports } from "./ports.ts";
import type { Content } from "./save.ts";
import { openStore } from "./traffic.ts";

const SIZE = { width: 1000, height: 980, density: 1.5 };

/** A connection that asks, is slowed down, asks again and is reset: in light and in dark. */
export async function panelLadder(): Promise<Record<string, Content>> {
  await using resources = new AsyncDisposableStack();
  const control = resources.use(await ControlProcess.start("--seed", "1"));
  const ports = new Ports();
  const [listen, upstream] = ["9000", "7007"].map((name) => Number(ports.take(name)));
  resources.use(openStore(upstream!));
  const addresses = { listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${upstream}` };
  await control.json(201, "POST", "/proxies", { name: "cache", ...addresses });
  const desk = resources.use(await Desk.open());
  const options = { ...SIZE, script: ports.script };
  const pages = await Promise.all(SCHEMES.map((one) => desk.look(control.url, one, options)));
  for (const page of pages) await page.getByRole("heading", { name: "cache" }).waitFor();
  using conn = await Deno.connect({ hostname: "127.0.0.1", port: listen! });
  await ask(conn, "GET user:1815 \n");
  const latency = { type: "latency", attributes: { latency: 200 } };
  await control.json(200, "POST", "/proxies/cache/toxics", latency);
  await ask(conn, "GET user:1843 \n");
  const [{ id }] = await control.connections("cache") as [ShownConnection];
  await control.ask("DELETE", `/connections/${id}?reset`);
  const shots = pages.map(async (page) => {
    await page.getByRole("button", { name: `Look into connection ${id}` }).click();
    await page.getByRole("button", { name: "Ladder" }).click();
    await page.getByLabel("Explain each step").uncheck();
    await page.locator(".ladder").getByText("reset").first().waitFor();
    // Nothing of what is behind its corners.
    await page.evaluate('document.querySelector("dialog").style.borderRadius = "0"');
    return await shoot(page, "dialog");
  });
  const [light, dark] = await Promise.all(shots);
  return { "panel-ladder-light.webp": light!, "panel-ladder-dark.webp": dark! };
}

/** Sends a line and reads what is answered. */
async function ask(conn: Deno.Conn, line: string): Promise<void> {
  await conn.write(new TextEncoder().encode(line));
  await conn.read(new Uint8Array(16 * 1024));
}
