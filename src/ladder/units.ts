/** Sizes and times as people write them, the same in every language. */
import { format } from "@std/fmt/bytes";
import { formatClock } from "../core/format.ts";

/** `33 B`, `1.2 kB`, `20 MB`. */
export function formatSize(bytes: number): string {
  return format(bytes, { locale: "en", maximumFractionDigits: bytes < 1e4 ? 2 : 1 });
}

/** `0 s`, `412 µs`, `12.3 ms`, `1.54 s`, `2:03 min`, `1:02:03 h`. */
export function formatSeconds(seconds: number): string {
  if (seconds === 0) return "0 s";
  if (seconds < 0.9995e-3) return `${Math.round(seconds * 1e6)} µs`;
  if (seconds < 0.9995) return `${round(seconds * 1e3)} ms`;
  if (seconds < 99.95) return `${round(seconds)} s`;
  return seconds < 3599.5 ? `${formatClock(seconds).slice(2)} min` : `${formatClock(seconds)} h`;
}

/** Three digits that count. */
function round(value: number): string {
  return `${Number(value.toPrecision(3))}`;
}

/** Writes times of one ladder, all in the same unit and with the same number of decimals. */
export function timeFormat(seconds: number): (t: number) => string {
  if (seconds < 0.1) return (t) => `${(t * 1e3).toFixed(2)} ms`;
  if (seconds < 1) return (t) => `${(t * 1e3).toFixed(1)} ms`;
  if (seconds < 100) return (t) => `${t.toFixed(3)} s`;
  return seconds < 3600 ? (t) => `${formatClock(t).slice(2)}` : formatClock;
}
