/**
 * Mode `rtt`: how long an exchange takes. Each connection has one request in flight, so a pause of
 * the echo is one long sample, and not the many that clients at a fixed rate would have sent
 * meanwhile ("coordinated omission", Gil Tene). The percentiles are those of the exchanges that
 * were made; nothing is corrected afterwards.
 */
import { IdleTimer } from "../wrap/idle.ts";
import { onEach } from "./connections.ts";
import { exchangeOver } from "./exchange.ts";
import type { Histogram } from "./histogram.ts";
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

export interface RttResult {
  /** Durations of exchanges, nanoseconds. */
  readonly histogram: Histogram;
  readonly losses: Losses | undefined;
}

/** The longest duration that is told apart: an hour, nanoseconds. */
const MAX_DURATION = 3_600e9;
/** Significant digits of a recorded duration. */
const DIGITS = 3;

export async function measureRtt(
  dial: Dial,
  settings: Settings,
  meter: Meter,
): Promise<RttResult> {
  const { duration, answerTimeout } = settings;
  const { Histogram } = await import("./histogram.ts");
  const histogram = new Histogram(1, MAX_DURATION, DIGITS);
  const pattern = new Pattern(settings.size);
  let until = 0;
  const losses = await onEach(dial, settings.connections, async (connection, i) => {
    const exchange = exchangeOver(connection, settings, pattern, seedOf(i));
    const idleTimer = new IdleTimer(
      answerTimeout,
      () => connection.close(noAnswer(connection, answerTimeout)),
    );
    idleTimer.start();
    try {
      until ||= performance.now() + duration;
      for (let start; (start = performance.now()) < until;) {
        if (!await exchange.once()) continue;
        const elapsed = Math.round((performance.now() - start) * 1e6);
        histogram.recordValue(Math.min(elapsed, MAX_DURATION));
        meter.count++;
        idleTimer.touch();
      }
      idleTimer.stop();
      await exchange.finish();
      const { losses } = exchange;
      if (losses && losses.lost === losses.sent) throw noAnswer(connection, duration);
    } finally {
      idleTimer.stop();
    }
    return exchange.losses;
  });
  return { histogram, losses: sumOf(losses) };
}
