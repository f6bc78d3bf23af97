/**
 * The format of a recording: one event a line, as JSON that a person can read and edit. Payload is
 * text where it is UTF-8 and base64 where it isn't, so no byte is lost. Empty lines mean nothing.
 */
import type { Message } from "../core/duplex.ts";
import { formatPayload, parsePayload } from "../core/payload.ts";

/** A side of a connection: `in` connected, `out` accepted. */
export type Side = "in" | "out";

interface EventHeader {
  /** Seconds since the recording began. */
  readonly t: number;
  /** Number of the connection, counted from 1. */
  readonly id: number;
}

export type RecordedEvent =
  & EventHeader
  & Readonly<
    /** `at` is the side that `peer` is on; without it, `in`. */
    | { event: "open"; dir?: Side; peer?: string; at?: Side }
    /** `data` is bytes of a stream, cut as they were read or written. */
    | { event: "data" | "message"; dir: Side; payload: Message }
    | { event: "half-close"; dir: Side }
    /** `dir` is the side that closed, `code` that of a WebSocket's Close (RFC 6455 §7.4). */
    | { event: "close"; dir?: Side; code?: number }
    | { event: "error"; text?: string }
  >;

/** The other side. */
export function opposite(dir: Side): Side {
  return dir === "in" ? "out" : "in";
}

/** The `t` of an event: seconds, to the microsecond, from milliseconds of `performance.now()`. */
export function secondsSince(start: number, now: number): number {
  return Math.round((now - start) * 1000) / 1e6;
}

/** The event as a line, with its newline. */
export function formatEvent(event: RecordedEvent): string {
  if (event.event !== "data" && event.event !== "message") return JSON.stringify(event) + "\n";
  const { payload, ...rest } = event;
  return JSON.stringify({ ...rest, ...formatPayload(payload) }) + "\n";
}

/** The event of a line. Unknown keys are ignored. Throws an `Error` that says what is wrong. */
export function parseEvent(line: string): RecordedEvent {
  const fields = parseObject(line);
  const { t, id, event } = fields;
  if (typeof t !== "number" || !(t >= 0)) throw new Error(`expected seconds in "t"`);
  if (!Number.isSafeInteger(id) || (id as number) < 1) throw new Error(`expected a number in "id"`);
  const common = { t, id: id as number };
  switch (event) {
    case "open":
      return {
        ...common,
        event,
        dir: optionalSide(fields.dir, "dir"),
        peer: optionalString(fields.peer, "peer"),
        at: optionalSide(fields.at, "at"),
      };
    case "data":
    case "message":
      return { ...common, event, dir: requiredSide(fields.dir, "dir"), payload: payloadOf(fields) };
    case "half-close":
      return { ...common, event, dir: requiredSide(fields.dir, "dir") };
    case "close":
      return {
        ...common,
        event,
        dir: optionalSide(fields.dir, "dir"),
        code: parseCode(fields.code),
      };
    case "error":
      return { ...common, event, text: optionalString(fields.text, "text") };
    default:
      throw new Error(`expected "open", "data", "message", "half-close", "close" or "error"`);
  }
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Reported below, with all else that isn't an object.
  }
  if (typeof value !== "object" || value === null) throw new Error("expected a JSON object");
  return value as Record<string, unknown>;
}

function payloadOf(fields: Record<string, unknown>): Message {
  const payload = parsePayload(fields);
  if (!payload) throw new Error(`expected either "text" or "base64"`);
  return payload;
}

function optionalSide(value: unknown, name: string): Side | undefined {
  return value === undefined ? undefined : requiredSide(value, name);
}

function requiredSide(value: unknown, name: string): Side {
  if (value !== "in" && value !== "out") throw new Error(`expected "in" or "out" in "${name}"`);
  return value;
}

function optionalString(value: unknown, name: string): string | undefined {
  if (value !== undefined && typeof value !== "string") {
    throw new Error(`expected text in "${name}"`);
  }
  return value;
}

function parseCode(value: unknown): number | undefined {
  if (value !== undefined && !Number.isSafeInteger(value)) {
    throw new Error(`expected a whole number in "code"`);
  }
  return value as number | undefined;
}
