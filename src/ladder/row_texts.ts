/** Texts of a ladder's rows that are the same in every language, and what they give away. */
import type { Omitted, RecordedEvent } from "../record/event.ts";
import { printable } from "./printable.ts";
import { formatSize } from "./units.ts";

export type Failure = Extract<RecordedEvent, { event: "error" }>;

/** An address without what says little: `tcp://`. */
export function bare(address = ""): string {
  return printable(address.replace(/^tcp:\/\//, ""));
}

/** What there is to say of a step. */
export function shown(step: string, address = "", text = ""): string {
  if (step === "resolved") return printable(`${address} → ${text}`);
  return printable(step === "spawn" ? address.replace(/^(?:exec|sh):/, "") : text);
}

/** Recordings without a status of errors don't say either what was a reset. */
export function isResetText(failure: Failure | undefined): boolean {
  return failure !== undefined && failure.status === undefined &&
    /reset|broken pipe|cut short/.test(failure.text ?? "");
}

/** `→ 36 kB  ← 2 kB`. */
export function sizes({ in: up, out: down }: Omitted): string {
  const ways = [["→", up], ["←", down]] as const;
  const carried = ways.filter(([, bytes]) => bytes > 0);
  return carried.map(([way, bytes]) => `${way} ${formatSize(bytes)}`).join("  ");
}
