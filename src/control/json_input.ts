/** JSON of requests and files: bodies as toxiproxy reads them, and fields of the right type. */
import { HttpError } from "../http/http_error.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The error for a body that isn't what it should be. */
export function badBody(reason: string): HttpError {
  return new HttpError(400, `bad request body: ${reason}`);
}

/** The first JSON value of a text; what comes after it is ignored. Throws an `HttpError`. */
function firstJson(text: string): unknown {
  if (text.trim() === "") throw badBody("EOF");
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as Error;
    const [, end] = /non-whitespace character after JSON at position (\d+)/.exec(message) ?? [];
    if (end === undefined) throw badBody(message);
    return JSON.parse(text.slice(0, Number(end)));
  }
}

/** The first JSON value of a request's body. Rejects with an `HttpError`. */
export async function bodyOf(request: Request): Promise<unknown> {
  return firstJson(await request.text());
}

/** `json` as an object; null is an empty one. Throws an `HttpError`. */
export function objectOf(json: unknown, what = "body"): JsonObject {
  if (json === null) return {};
  if (typeof json === "object" && !Array.isArray(json)) return json as JsonObject;
  throw badBody(`${what}: expected an object`);
}

const CHECKS = {
  string: (value: unknown) => typeof value === "string",
  number: (value: unknown) => typeof value === "number",
  boolean: (value: unknown) => typeof value === "boolean",
};

interface Types {
  string: string;
  number: number;
  boolean: boolean;
}

/** A field of that type; undefined where it is missing or null. Throws an `HttpError`. */
export function fieldOf<T extends keyof Types>(
  object: JsonObject,
  name: string,
  type: T,
): Types[T] | undefined {
  const value = Object.hasOwn(object, name) ? object[name] ?? undefined : undefined;
  if (value === undefined || CHECKS[type](value)) return value as Types[T] | undefined;
  throw badBody(`${name}: expected a ${type}`);
}

/** A field that is a list; empty where it is missing or null. Throws an `HttpError`. */
export function listOf(object: JsonObject, name: string): readonly unknown[] {
  const value = Object.hasOwn(object, name) ? object[name] ?? [] : [];
  if (!Array.isArray(value)) throw badBody(`${name}: expected an array`);
  return value;
}
