/** Formats the progress of a measurement as one line. */
import { format as formatBytes } from "@std/fmt/bytes";
import type { Meter, Mode } from "./settings.ts";

/** Starts the clock. The returned function formats the time, and the rate since its last call. */
export function progressOf(mode: Mode, meter: Meter, duration: number): () => string {
  const start = performance.now();
  let [lastCount, lastTime] = [0, start];
  return () => {
    const now = performance.now();
    const rate = (meter.count - lastCount) / (now - lastTime) * 1000;
    const elapsed = `${((now - start) / 1000).toFixed(1)} of ${duration / 1000} s`;
    [lastCount, lastTime] = [meter.count, now];
    return `${mode}  ${elapsed}  ${formatRate(mode, rate)}`;
  };
}

function formatRate(mode: Mode, rate: number): string {
  if (mode === "stream") return `${formatBytes(rate)}/s`;
  const what = mode === "rtt" ? "exchanges" : "connections";
  return `${Math.round(rate).toLocaleString("en")} ${what}/s`;
}
