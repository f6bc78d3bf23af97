/** Colors of terminals in pictures: each can be read on its ground, in light and in dark. */
import type { Color } from "./ansi.ts";

/** Two of a kind: on a light ground, and on a dark one. */
export interface Shades {
  readonly light: string;
  readonly dark: string;
}

export const GROUND: Shades = { light: "#ffffff", dark: "#181d21" };
export const INK: Shades = { light: "#1a2126", dark: "#e6eaed" };
export const QUIET: Shades = { light: "#56626b", dark: "#9ba8b1" };
export const BAR: Shades = { light: "#f4f6f7", dark: "#252c31" };
export const RULE: Shades = { light: "#b9c4ca", dark: "#56626b" };
export const CURSOR: Shades = { light: "#0f766e", dark: "#4fc3b5" };

/** Black, red, green, yellow, blue, magenta, cyan and white; the bright ones are the same. */
const BASIC: readonly Shades[] = [
  QUIET,
  { light: "#b3261e", dark: "#ff9d93" },
  { light: "#1c6b3c", dark: "#7fd19b" },
  { light: "#8a5300", dark: "#f0b866" },
  { light: "#0b57a4", dark: "#86b9f5" },
  { light: "#6b3fa0", dark: "#c9b0f0" },
  { light: "#0f766e", dark: "#4fc3b5" },
  INK,
];

/** The contrast that text needs (WCAG 2.2, 1.4.3). */
const ENOUGH = 4.5;

/** A terminal's color, moved as far towards the ink as it takes to be read. */
export function shadesOf(color: Color): Shades {
  if (typeof color === "number") return BASIC[color % BASIC.length]!;
  return {
    light: readable(color, GROUND.light, INK.light),
    dark: readable(color, GROUND.dark, INK.dark),
  };
}

function readable(color: string, ground: string, ink: string): string {
  for (let part = 0; part < 1; part += 0.05) {
    const mixed = mix(color, ink, part);
    if (contrast(mixed, ground) >= ENOUGH) return mixed;
  }
  return ink;
}

/** The ratio of two colors' luminance, 1 to 21 (WCAG 2.2). */
export function contrast(one: string, other: string): number {
  const [low, high] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
  return (high! + 0.05) / (low! + 0.05);
}

function luminance(color: string): number {
  const [red, green, blue] = partsOf(color).map((part) => {
    const value = part / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}

function mix(color: string, other: string, part: number): string {
  const others = partsOf(other);
  const mixed = partsOf(color).map((value, i) => Math.round(value + (others[i]! - value) * part));
  return `#${mixed.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

function partsOf(color: string): number[] {
  return [1, 3, 5].map((at) => parseInt(color.slice(at, at + 2), 16));
}
