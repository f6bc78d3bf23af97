/** The attributes of each type of toxic, and how they are checked. */
import { type Attributes, ToxicError, type ToxicType } from "./toxic.ts";

/** What an attribute may be. `flag` may be missing, and is then false; others are 0 then. */
type AttributeKind = "whole" | "probability" | "flag";

/** By type. Times are milliseconds, as toxiproxy has them. */
const ATTRIBUTES: Readonly<Record<ToxicType, Readonly<Record<string, AttributeKind>>>> = {
  latency: { latency: "whole", jitter: "whole" },
  noop: {},
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
    const value = given[name] ?? base[name] ?? (kind === "flag" ? false : 0);
    // What it was before needn't be checked again: a command line allows more.
    if (value !== base[name] && !KINDS[kind].fits(value)) {
      const expected = `expected ${KINDS[kind].text}, not ${JSON.stringify(value)}`;
      throw new ToxicError(`attribute "${name}" of ${type}: ${expected}`);
    }
    if (kind !== "flag" || value) attributes[name] = value as number | boolean;
  }
  return attributes;
}

function fieldsOf(json: unknown): Record<string, unknown> {
  if (json === undefined || json === null) return {};
  if (typeof json === "object" && !Array.isArray(json)) return json as Record<string, unknown>;
  throw new ToxicError(`attributes: expected an object, not ${JSON.stringify(json)}`);
}

const KINDS: Record<AttributeKind, { text: string; fits: (value: unknown) => boolean }> = {
  whole: {
    text: "a whole number of at least 0",
    fits: (value) => Number.isSafeInteger(value) && value as number >= 0,
  },
  probability: {
    text: "a number from 0 to 1",
    fits: (value) => typeof value === "number" && value >= 0 && value <= 1,
  },
  flag: { text: "true or false", fits: (value) => typeof value === "boolean" },
};

/** Checks a toxicity. Throws a `ToxicError`. */
export function checkToxicity(toxicity: number): void {
  if (KINDS.probability.fits(toxicity)) return;
  throw new ToxicError(`toxicity: expected ${KINDS.probability.text}, not ${toxicity}`);
}
