/** Pictures of the panel, with proxies that carry something. */
import { ControlProcess, type ShownConnection } from "../../tests/e2e/control.ts";
import { Desk, SCHEMES, shoot } from "./chromium.ts";
import { Ports } from "./ports.ts";
import type { Content } from "./save.ts";
import { openStore, StoreClient } from "./traffic.ts";

const SIZE = { width: 1280, height: 1080, density: 1.5 };

/** Proxies by their names: the ports that are shown for them, in front and behind. */
const PROXIES = { cache: ["9000", "7007"], orders: ["9001", "7008"], search: ["9002", "7009"] };

/** Milliseconds of traffic: before the first fault, with it, and with the next. */
const [QUIET, SLOW, NARROW] = [60_000, 36_000, 24_000];

/** The panel in light and in dark: a proxy whose connections are slow on purpose. */
export async function panel(): Promise<Record<string, Content>> {
  await using resources = new AsyncDisposableStack();
  const control = resources.use(await ControlProcess.start("--seed", "1"));
  const ports = new Ports();
  const listens: number[] = [];
  for (const [name, shown] of Object.entries(PROXIES)) {
    const [listen, upstream] = shown.map((port) => ports.take(port));
    resources.use(openStore(Number(upstream)));
    const addresses = { listen: `127.0.0.1:${listen}`, upstream: `127.0.0.1:${upstream}` };
    await control.json(201, "POST", "/proxies", { name, ...addresses });
    listens.push(Number(listen));
  }
  const desk = resources.use(await Desk.open());
  const options = { ...SIZE, script: ports.script };
  const pages = await Promise.all(SCHEMES.map((one) => desk.look(control.url, one, options)));
  const clients: StoreClient[] = [];
  for (const [i, port] of listens.entries()) {
    for (let n = 0; n < 6 - 2 * i; n++) {
      clients.push(resources.use(await StoreClient.open(port, n / 7)));
    }
  }
  await pause(QUIET);
  const toxics = "/proxies/cache/toxics";
  const latency = { type: "latency", attributes: { latency: 90, jitter: 30 } };
  await control.json(200, "POST", toxics, latency);
  await clients[0]!.end();
  const [{ id }] = (await control.connections("cache")).slice(-1) as [ShownConnection];
  await control.ask("DELETE", `/connections/${id}?reset`);
  await pause(SLOW);
  const narrow = { type: "bandwidth", stream: "downstream", attributes: { rate: 12 } };
  await control.json(200, "POST", toxics, narrow);
  await pause(NARROW);
  const [light, dark] = await Promise.all(pages.map((page) => shoot(page)));
  return { "panel-light.webp": light!, "panel-dark.webp": dark! };
}

function pause(time: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, time));
}
