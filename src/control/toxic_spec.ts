/** Toxics as requests and files ask for them. */
import {
  type Attributes,
  attributesOf,
  type Stream,
  STREAMS,
  TOXIC_TYPES,
  ToxicError,
  type ToxicSpec,
  type ToxicType,
} from "../faults/mod.ts";
import { HttpError } from "../http/http_error.ts";
import { badBody, fieldOf, type JsonObject, listOf, objectOf } from "./json_input.ts";

const DEFAULT_STREAM: Stream = "downstream";
const DEFAULT_TOXICITY = 1;

/** The toxic that a JSON object describes, with its defaults. Throws an `HttpError`. */
export function toxicSpecOf(json: unknown): ToxicSpec {
  const object = objectOf(json, "toxic");
  const given = fieldOf(object, "stream", "string") || DEFAULT_STREAM;
  const stream = STREAMS.find((known) => known === given.toLowerCase());
  if (!stream) {
    throw new HttpError(400, "stream was invalid, can be either upstream or downstream");
  }
  const type = TOXIC_TYPES.find((known) => known === object.type);
  if (!type) throw new HttpError(400, "invalid toxic type");
  const name = fieldOf(object, "name", "string") || `${type}_${given}`;
  const toxicity = toxicityOf(object) ?? DEFAULT_TOXICITY;
  return { name, type, stream, toxicity, attributes: checkedAttributes(type, object) };
}

/** The toxics of an object's field, whose names must differ. Throws an `HttpError`. */
export function toxicSpecsOf(object: JsonObject): ToxicSpec[] {
  const specs = listOf(object, "toxics").map(toxicSpecOf);
  const names = new Set(specs.map(({ name }) => name));
  if (names.size < specs.length) throw new HttpError(409, "toxic already exists");
  return specs;
}

/** What a JSON object changes of a toxic; what it doesn't name stays. Throws an `HttpError`. */
export function toxicChangeOf(
  json: unknown,
  { type, attributes: base }: ToxicSpec,
): { toxicity?: number; attributes: Attributes } {
  const object = objectOf(json);
  return { toxicity: toxicityOf(object), attributes: checkedAttributes(type, object, base) };
}

function toxicityOf(object: JsonObject): number | undefined {
  const toxicity = fieldOf(object, "toxicity", "number");
  if (toxicity === undefined || (toxicity >= 0 && toxicity <= 1)) return toxicity;
  throw badBody(`toxicity: expected a number from 0 to 1, not ${toxicity}`);
}

function checkedAttributes(type: ToxicType, object: JsonObject, base?: Attributes): Attributes {
  try {
    return attributesOf(type, object.attributes, base);
  } catch (error) {
    if (!(error instanceof ToxicError)) throw error;
    throw badBody(error.message);
  }
}
