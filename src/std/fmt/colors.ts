/** Typed front of `@std/fmt/colors` over its npm mirror. */
import * as mirror from "deno-std/fmt/colors.js";

/** Wraps text in the escape sequences of one style. */
export type Style = (text: string) => string;

export const bold: Style = mirror.bold;
export const cyan: Style = mirror.cyan;
export const dim: Style = mirror.dim;
export const green: Style = mirror.green;
export const magenta: Style = mirror.magenta;
export const red: Style = mirror.red;
export const yellow: Style = mirror.yellow;
/** Whether the styles do anything: `setColorEnabled(false)` makes them pass text through. */
export const setColorEnabled: (enabled: boolean) => void = mirror.setColorEnabled;
/** A text in one of xterm's 256 colors. */
export const rgb8: (text: string, color: number) => string = mirror.rgb8;
