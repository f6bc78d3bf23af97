/** One line on the terminal that says how a measurement is going, and is gone at its end. */
import { format as formatBytes } from "@std/fmt/bytes";
import type { Meter, Mode } from "./settings.ts";

/** Time between two looks, milliseconds. */
const INTERVAL = 200;

/** To the start of the line, and nothing behind what follows (ECMA-48 §8.3.41). */
const CLEAR = "\r\x1b[K";

/**
 * Shows the rate since the last look until the function that it returns is called.
 *
 * @param write Puts text on the terminal.
 */
export function showProgress(
  mode: Mode,
  meter: Meter,
  duration: number,
  write: (text: string) => void,
): () => void {
  const start = performance.now();
  let [before, then] = [0, start];
  const timer = setInterval(() => {
    const now = performance.now();
    const rate = (meter.count - before) / (now - then) * 1000;
    const elapsed = `${((now - start) / 1000).toFixed(1)} of ${duration / 1000} s`;
    write(`${CLEAR}${mode}  ${elapsed}  ${formatRate(mode, rate)}`);
    [before, then] = [meter.count, now];
  }, INTERVAL);
  return () => {
    clearInterval(timer);
    write(CLEAR);
  };
}

function formatRate(mode: Mode, rate: number): string {
  if (mode === "stream") return `${formatBytes(rate)}/s`;
  const what = mode === "rtt" ? "exchanges" : "connections";
  return `${Math.round(rate).toLocaleString("en")} ${what}/s`;
}
