/** The attributes of each type of toxic, and how they are checked. */
import { type Attributes, ToxicError, type ToxicType } from "./toxic.ts";

/** What an attribute may be. Where none is given it is 0, and is left out if it is optional. */
type AttributeKind = "whole" | "optional whole" | "probability" | "optional flag";

/** By type. Times are milliseconds, the slicer's microseconds; a rate is 1000 bytes a second. */
const ATTRIBUTES: Readonly<Record<ToxicType, Readonly<Record<string, AttributeKind>>>> = {
  latency: { latency: "whole", jitter: "whole" },
  bandwidth: { rate: "whole" },
  slow_close: { delay: "whole" },
  timeout: { timeout: "whole" },
  reset_peer: { timeout: "whole" },
  slicer: { average_size: "whole", size_variation: "whole", delay: "whole" },
  limit_data: { bytes: "whole", reset: "optional flag" },
  noop: {},
  slow_open: { delay: "whole" },
  limit_time: { time: "whole", reset: "optional flag" },
  stall: { bytes: "whole", time: "optional whole" },
  chop: { size: "whole" },
  corrupt: { probability: "probability" },
  loss: { probability: "probability" },
  duplicate: { probability: "probability" },
  reorder: { window: "whole" },
};

export const TOXIC_TYPES = Object.keys(ATTRIBUTES) as readonly ToxicType[];

/** The names of all attributes that a type has. */
export function attributeNames(type: ToxicType): readonly string[] {
  return Object.keys(ATTRIBUTES[type]);
}

/**
 * The attributes of a type as JSON gives them, checked and complete. What isn't named is as in
 * `base`, or 0; names that the type doesn't have are ignored, as toxiproxy does. Throws a
 * `ToxicError` that says what was expected.
 */
export function attributesOf(type: ToxicType, json: unknown, base: Attributes = {}): Attributes {
  const given = fieldsOf(json);
  const attributes: Record<string, number | boolean> = {};
  for (const [name, kind] of Object.entries(ATTRIBUTES[type])) {
    const none = kind === "optional flag" ? false : 0;
    const value = given[name] ?? base[name] ?? none;
    // What it was before needn't be checked again: a command line allows more.
    if (value !== base[name] && !KINDS[kind].fits(value)) {
      const expected = `expected ${KINDS[kind].text}, not ${JSON.stringify(value)}`;
      throw new ToxicError(`attribute "${name}" of ${type}: ${expected}`);
    }
    if (value || !kind.startsWith("optional")) attributes[name] = value as number | boolean;
  }
  return attributes;
}

function fieldsOf(json: unknown): Record<string, unknown> {
  if (json === undefined || json === null) return {};
  if (typeof json === "object" && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new ToxicError(`attributes: expected an object, not ${JSON.stringify(json)}`);
}

const WHOLE = {
  text: "a whole number of at least 0",
  fits: (value: unknown) => Number.isSafeInteger(value) && value as number >= 0,
};
const KINDS: Record<AttributeKind, { text: string; fits: (value: unknown) => boolean }> = {
  whole: WHOLE,
  "optional whole": WHOLE,
  probability: {
    text: "a number from 0 to 1",
    fits: (value) => typeof value === "number" && value >= 0 && value <= 1,
  },
  "optional flag": { text: "true or false", fits: (value) => typeof value === "boolean" },
};

/** Checks a toxicity. Throws a `ToxicError`. */
export function checkToxicity(toxicity: number): void {
  if (KINDS.probability.fits(toxicity)) return;
  throw new ToxicError(`toxicity: expected ${KINDS.probability.text}, not ${toxicity}`);
}
