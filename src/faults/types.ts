/** The types of toxics: what each does, and where it can. */
import { Fault, type Place } from "./fault.ts";
import { Latency } from "./latency.ts";
import type { ToxicType } from "./toxic.ts";

interface TypeOfToxic {
  // deno-lint-ignore no-explicit-any -- `attributesOf` sees that they are those of the type
  readonly Fault: new (place: Place<any>) => Fault<any>;
  /** Whether it acts on what carries these only, and leaves anything else as it is. */
  readonly needs?: "bytes" | "messages";
  /** Whether its faults happen to every piece: only the first is told at once. */
  readonly continual?: boolean;
}

export const TYPES: Readonly<Record<ToxicType, TypeOfToxic>> = {
  latency: { Fault: Latency, continual: true },
  noop: { Fault },
};
