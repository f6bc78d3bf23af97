/** Typed front of `@std/assert` over its npm mirror. */
import * as equals from "deno-std/assert/equals.js";
import * as includes from "deno-std/assert/string_includes.js";
import * as match from "deno-std/assert/match.js";
import * as mirror from "deno-std/assert/assert.js";
import * as rejects from "deno-std/assert/rejects.js";
import * as throws from "deno-std/assert/throws.js";

// deno-lint-ignore no-explicit-any -- the constructor of any error class
type ErrorClass<E extends Error> = new (...args: any[]) => E;

export const assert: (condition: unknown, message?: string) => asserts condition = mirror.assert;
export const assertEquals: <T>(actual: T, expected: T, message?: string) => void =
  equals.assertEquals;
export const assertMatch: (actual: string, expected: RegExp, message?: string) => void =
  match.assertMatch;
export const assertStringIncludes: (
  actual: string,
  expected: string,
  message?: string,
) => void = includes.assertStringIncludes;
export const assertRejects: <E extends Error = Error>(
  fn: () => PromiseLike<unknown>,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
) => Promise<E> = rejects.assertRejects;
export const assertThrows: <E extends Error = Error>(
  fn: () => unknown,
  errorClass?: ErrorClass<E>,
  messageIncludes?: string,
) => E = throws.assertThrows;
