/** How a toxic is written on a command line: `latency:latency=200,stream=upstream`. */
import { attributeNames, attributesOf, TOXIC_TYPES } from "../faults/attributes.ts";
import { type Stream, STREAMS, type ToxicSpec, type ToxicType } from "../faults/toxic.ts";
import { suggestion } from "../core/nearest.ts";
import { parseProbability } from "../flags/values.ts";

const COMMON = ["stream", "toxicity", "name"];

/** Parses `TYPE[:KEY=VALUE,...]`. Throws an `Error` that says what was expected. */
export function parseToxic(text: string): ToxicSpec {
  const [, word = "", rest] = /^([^:]*)(?::(.*))?$/s.exec(text)!;
  const type = TOXIC_TYPES.find((type) => type === word);
  if (!type) throw new Error(`unknown type "${word}"${meant(word, TOXIC_TYPES)}`);
  const { stream: streamText, toxicity, name, ...attributes } = pairsOf(rest ?? "", type);
  const stream = streamOf(streamText ?? "downstream");
  return {
    type,
    stream,
    name: name ?? `${type}_${stream}`,
    toxicity: toxicity === undefined ? 1 : parseProbability(toxicity),
    attributes: attributesOf(
      type,
      Object.fromEntries(Object.entries(attributes).map(([key, value]) => [key, valueOf(value)])),
    ),
  };
}

function meant(word: string, known: readonly string[]): string {
  return suggestion(word, known) || `; expected one of ${known.join(", ")}`;
}

function pairsOf(text: string, type: ToxicType): Record<string, string> {
  const known = [...attributeNames(type), ...COMMON];
  const pairs: Record<string, string> = {};
  for (const pair of text === "" ? [] : text.split(",")) {
    const [, key = "", value] = /^([^=]*)(?:=(.*))?$/s.exec(pair) ?? [];
    if (!known.includes(key)) throw new Error(`${type} has no "${key}"${meant(key, known)}`);
    if (!value) throw new Error(`expected ${key}=VALUE`);
    if (Object.hasOwn(pairs, key)) throw new Error(`${key} is there twice`);
    pairs[key] = value;
  }
  return pairs;
}

function streamOf(text: string): Stream {
  const stream = STREAMS.find((stream) => stream === text);
  if (!stream) throw new Error(`expected stream=upstream or stream=downstream, not "${text}"`);
  return stream;
}

/** A value as JSON would have it: a number (also as a percentage), true or false, or a text. */
function valueOf(text: string): number | boolean | string {
  if (text === "true" || text === "false") return text === "true";
  const [, number, percent] = /^(\d*\.?\d+)(%?)$/.exec(text) ?? [];
  return number === undefined ? text : Number(number) / (percent ? 100 : 1);
}
