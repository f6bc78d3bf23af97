/** Numbers as people read them, and peers' text without what could pass for other text. */
import { escapeLine } from "../../core/escape.ts";

const UNITS = ["B", "kB", "MB", "GB", "TB", "PB"];

/** `0 B`, `1.2 kB`, `47 MB`. */
export function formatBytes(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (value >= 999.5 && unit < UNITS.length - 1) [value, unit] = [value / 1000, unit + 1];
  const digits = unit === 0 || value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2;
  return `${value.toFixed(digits)} ${UNITS[unit]}`;
}

/** `1.2 kB/s`. */
export function formatRate(bytesPerSecond: number): string {
  return `${formatBytes(bytesPerSecond)}/s`;
}

/** `0.21 ms`, `3.4 ms`, `120 ms`, `1.5 s`. */
export function formatMilliseconds(milliseconds: number): string {
  const isLong = milliseconds >= 999.5;
  const value = isLong ? milliseconds / 1000 : milliseconds;
  const digits = value >= 99.95 || value === 0 ? 0 : value >= 9.995 ? 1 : 2;
  return `${Number(value.toFixed(digits))} ${isLong ? "s" : "ms"}`;
}

/** `0.4 s`, `12 s`, `3:05`, `2:03:04`. */
export function formatAge(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 59.5) return `${Math.round(seconds)} s`;
  const whole = Math.floor(seconds);
  const two = (number: number) => `${Math.floor(number) % 60}`.padStart(2, "0");
  const minutes = `${two(whole / 60)}:${two(whole)}`;
  return whole < 3600 ? minutes.replace(/^0/, "") : `${Math.floor(whole / 3600)}:${minutes}`;
}

/** `12:03:59` of the reader's day. */
export function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  return [date.getHours(), date.getMinutes(), date.getSeconds()]
    .map((number) => `${number}`.padStart(2, "0")).join(":");
}

/** Another's text on one line. */
export function shown(text: string): string {
  return escapeLine(text);
}

/** An address without what says little: `tcp://`. */
export function shownAddress(address: string): string {
  return shown(address.replace(/^tcp:\/\//, ""));
}
