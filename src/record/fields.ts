/** Fields of parsed JSON, each with the type that is expected of it. */

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

export function optionalString(value: unknown, name: string): string | undefined {
  if (value !== undefined && typeof value !== "string") {
    throw new Error(`expected text in "${name}"`);
  }
  return value;
}

export function optionalInteger(value: unknown, name: string): number | undefined {
  if (value !== undefined && !Number.isSafeInteger(value)) {
    throw new Error(`expected a whole number in "${name}"`);
  }
  return value as number | undefined;
}

export function optionalBoolean(value: unknown, name: string): boolean | undefined {
  if (value !== undefined && typeof value !== "boolean") {
    throw new Error(`expected true or false in "${name}"`);
  }
  return value;
}
