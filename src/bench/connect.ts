/**
 * Mode `connect`: how many connections a second can be opened, used for one exchange and closed,
 * by as many clients at once as there are connections to be.
 */
import { IdleTimer } from "../wrap/idle.ts";
import { exchangeOver } from "./exchange.ts";
import { Pattern } from "./pattern.ts";
import {
  type Dial,
  type Losses,
  type Meter,
  nothingCame,
  seedOf,
  type Settings,
  sumOf,
} from "./settings.ts";

export interface ConnectResult {
  readonly count: number;
  readonly seconds: number;
  readonly losses: Losses | undefined;
}

export async function measureConnect(
  dial: Dial,
  settings: Settings,
  meter: Meter,
): Promise<ConnectResult> {
  const pattern = new Pattern(settings.size);
  const start = performance.now();
  const until = start + settings.duration;
  let visits = 0;
  let failed = false;
  /** The echo ends after our end: what comes before is waited for. */
  let ends = true;
  let losses: Losses | undefined;
  const client = async () => {
    try {
      do {
        const { lost, ended } = await visit(dial, settings, pattern, seedOf(visits++), ends);
        ends &&= ended;
        losses = losses ? sumOf([losses, lost]) : lost;
        if (!lost?.lost) meter.count++;
      } while (!failed && performance.now() < until);
    } catch (error) {
      failed = true;
      throw error;
    }
  };
  const clients = await Promise.allSettled(Array.from({ length: settings.connections }, client));
  const failure = clients.find((result) => "reason" in result);
  if (failure) throw failure.reason;
  return { count: meter.count, seconds: (performance.now() - start) / 1000, losses };
}

/** Connects, has one answer, waits for the end if that `ends`, and closes. */
async function visit(
  dial: Dial,
  settings: Settings,
  pattern: Pattern,
  seed: number,
  ends: boolean,
): Promise<{ lost: Losses | undefined; ended: boolean }> {
  const { patience } = settings;
  const connection = await dial();
  const silence = new IdleTimer(
    patience,
    () => connection.close(nothingCame(connection, patience)),
  );
  silence.start();
  try {
    const exchange = exchangeOver(connection, settings, pattern, seed);
    await exchange.once();
    const ended = ends && await exchange.finish();
    connection.close();
    await connection.closed;
    return { lost: exchange.losses, ended };
  } finally {
    silence.stop();
    connection.close();
  }
}
