/**
 * Mode `connect`: how many connections a second can be opened, used for one exchange and closed,
 * with `connections` of them open at a time.
 */
import { IdleTimer } from "../wrap/idle.ts";
import { exchangeOver } from "./exchange.ts";
import { Pattern } from "./pattern.ts";
import {
  type Dial,
  type Losses,
  type Meter,
  noAnswer,
  seedOf,
  type Settings,
  sumOf,
} from "./settings.ts";

export interface ConnectResult {
  /** Connections whose answer came. */
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
  let dials = 0;
  let failed = false;
  /** Whether each echo so far closed after our FIN: only then is waiting for EOF worth its time. */
  let awaitsEof = true;
  let losses: Losses | undefined;
  const client = async () => {
    try {
      do {
        const { lost, sawEof } = await exchangeOnce(
          dial,
          settings,
          pattern,
          seedOf(dials++),
          awaitsEof,
        );
        awaitsEof &&= sawEof;
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

/** Connects, makes one exchange, with `awaitsEof` waits for the peer's EOF, and closes. */
async function exchangeOnce(
  dial: Dial,
  settings: Settings,
  pattern: Pattern,
  seed: number,
  awaitsEof: boolean,
): Promise<{ lost: Losses | undefined; sawEof: boolean }> {
  const { answerTimeout } = settings;
  const connection = await dial();
  const idleTimer = new IdleTimer(
    answerTimeout,
    () => connection.close(noAnswer(connection, answerTimeout)),
  );
  idleTimer.start();
  try {
    const exchange = exchangeOver(connection, settings, pattern, seed);
    await exchange.once();
    const sawEof = awaitsEof && await exchange.finish();
    connection.close();
    await connection.closed;
    return { lost: exchange.losses, sawEof };
  } finally {
    idleTimer.stop();
    connection.close();
  }
}
