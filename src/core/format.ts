/** Numbers as people read them. */

/** `1,204`. */
export function formatCount(count: number): string {
  return `${count}`.replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** `1 message`, `1,204 messages`. */
export function counted(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** Writes seconds, rounded to whole ones, as `h:mm:ss`. */
export function formatClock(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (number: number) => `${Math.floor(number) % 60}`.padStart(2, "0");
  return `${Math.floor(whole / 3600)}:${two(whole / 60)}:${two(whole)}`;
}
