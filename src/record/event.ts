/**
 * The format of a recording: one event a line, as JSON that a person can read and edit. Payload is
 * text where it is UTF-8 and base64 where it isn't, so no byte is lost. Empty lines mean nothing.
 * Steps are in the line of their connection's next event; a stream that is looked at while it grows
 * may have them in lines of their own.
 */
import type { Message } from "../core/duplex.ts";
import { formatPayload, parsePayload } from "../core/payload.ts";
import { isObject, optionalBoolean, optionalInteger, optionalString } from "./fields.ts";

/** A side of a connection: `in` connected, `out` accepted. */
export type Side = "in" | "out";

/** A connection of ours: with the `client` that we accepted, or with the `target` we connect to. */
export type Leg = "client" | "target";

/** What carries messages: a WebSocket, or datagrams, of UDP or of Unix. All others carry bytes. */
export type MessageTransport = "ws" | "udp";

/** One step on the way to a connection, or a fault injected into it. */
export interface SocketStep {
  /** Its name, as the log has it; `src/record/steps.ts` has all of them. */
  readonly step: string;
  readonly leg: Leg;
  readonly address?: string;
  /** What there is to say beside the address: a reason, a line of HTTP, a fault. */
  readonly text?: string;
  /** How long it took, or for a `retry` how long it waits. */
  readonly seconds?: number;
  /** The client and the server, for a step that a capture shows. Neither need be coax. */
  readonly ends?: { readonly peer: string; readonly local: string };
}

/** Payload that passed before the next event and is in no line, bytes by the side that sent it. */
export interface Omitted {
  readonly in: number;
  readonly out: number;
  /**
   * The limit for which it was kept no more: that of the connection, or that of all together.
   * Without one, it passed before the recording began.
   */
  readonly limit?: "connection" | "all";
}

interface EventHeader {
  /** Seconds since the recording began. */
  readonly t: number;
  /** Number of the connection, counted from 1. */
  readonly id: number;
}

export type RecordedEvent =
  & EventHeader
  & Readonly<
    /**
     * `at` is the side that `peer` is on; without it, `in`. `local` is our address. `transport` is
     * that of messages.
     */
    | {
      event: "open";
      dir?: Side;
      peer?: string;
      at?: Side;
      local?: string;
      transport?: MessageTransport;
      omitted?: Omitted;
      /** Whether it comes from a capture, in which neither side need be coax. */
      captured?: true;
      /** Whether it began before the capture. */
      begun?: true;
    }
    /** Steps before `open` have its `id` as well. Playing a recording leaves steps out. */
    | ({ event: "step" } & SocketStep)
    /** `data` is bytes of a stream, cut as they were read or written. */
    | { event: "data" | "message"; dir: Side; payload: Message }
    | { event: "half-close"; dir: Side }
    /**
     * `dir` is the side that closed, `code` that of a WebSocket's Close (RFC 6455 §7.4). `reset`
     * says that the peer sent a reset, or saw one.
     */
    | { event: "close"; dir?: Side; code?: number; reset?: boolean }
    /**
     * `status` is the exit status that stands for this kind of error. `own` says that coax has
     * ended the connection with it, by a timeout or a fault, and no peer has.
     */
    | { event: "error"; text?: string; status?: number; own?: boolean }
  >;

/** The other side. */
export function opposite(dir: Side): Side {
  return dir === "in" ? "out" : "in";
}

/** The `t` of an event: seconds, to the microsecond, from milliseconds of `performance.now()`. */
export function secondsSince(start: number, now: number): number {
  return Math.round((now - start) * 1000) / 1e6;
}

/** An event that always has a line of its own. */
export type LineEvent = Exclude<RecordedEvent, { event: "step" }>;

/** A step and when it was, in seconds since the recording began. */
export type TimedStep = SocketStep & { readonly t: number };

/** The event as a line, with the steps before it and its newline. */
export function formatEvent(event: RecordedEvent, before: readonly TimedStep[] = []): string {
  const steps = before.length > 0 ? before : undefined;
  if (event.event !== "data" && event.event !== "message") {
    return JSON.stringify({ ...event, steps }) + "\n";
  }
  const { payload, ...rest } = event;
  return JSON.stringify({ ...rest, ...formatPayload(payload), steps }) + "\n";
}

/**
 * The event of a line, behind its steps. Unknown keys are ignored. Throws an `Error` that says what
 * is wrong.
 */
export function parseEvents(line: string): RecordedEvent[] {
  const fields = parseObject(line);
  const { id, steps = [] } = fields;
  if (!Number.isSafeInteger(id) || (id as number) < 1) throw new Error(`expected a number in "id"`);
  const event = { t: secondsOf(fields), id: id as number, ...parseBody(fields) };
  return [...parseSteps(steps, event.id), event];
}

function secondsOf({ t }: Record<string, unknown>): number {
  if (typeof t !== "number" || !(t >= 0)) throw new Error(`expected seconds in "t"`);
  return t;
}

type BodyOf<E> = E extends RecordedEvent ? Omit<E, "t" | "id"> : never;

/** An event without its time and its connection. */
export type EventBody = BodyOf<LineEvent>;

function parseBody(fields: Record<string, unknown>): BodyOf<RecordedEvent> {
  const { event } = fields;
  switch (event) {
    case "open":
      return { event, ...parseOpen(fields) };
    case "step":
      return { event, ...parseStep(fields) };
    case "data":
    case "message":
      return { event, dir: requiredSide(fields.dir, "dir"), payload: payloadOf(fields) };
    case "half-close":
      return { event, dir: requiredSide(fields.dir, "dir") };
    case "close": {
      const code = optionalInteger(fields.code, "code");
      const reset = optionalBoolean(fields.reset, "reset");
      return { event, dir: optionalSide(fields.dir, "dir"), code, reset };
    }
    case "error": {
      const status = optionalInteger(fields.status, "status");
      const own = optionalBoolean(fields.own, "own");
      return { event, text: optionalString(fields.text, "text"), status, own };
    }
    default:
      throw new Error(
        `expected "open", "step", "data", "message", "half-close", "close" or "error"`,
      );
  }
}

function parseOpen({ dir, peer, at, local, transport, omitted }: Record<string, unknown>) {
  if (transport !== undefined && transport !== "ws" && transport !== "udp") {
    throw new Error(`expected "ws" or "udp" in "transport"`);
  }
  return {
    dir: optionalSide(dir, "dir"),
    peer: optionalString(peer, "peer"),
    at: optionalSide(at, "at"),
    local: optionalString(local, "local"),
    transport: transport as MessageTransport | undefined,
    ...omitted === undefined ? {} : { omitted: parseOmitted(omitted) },
  };
}

function parseOmitted(value: unknown): Omitted {
  const fields: Record<string, unknown> = isObject(value) ? value : {};
  const bytes = [fields.in, fields.out];
  if (!bytes.every((count) => Number.isSafeInteger(count) && (count as number) >= 0)) {
    throw new Error(`expected bytes as "in" and "out" in "omitted"`);
  }
  const { limit } = fields;
  return {
    in: fields.in as number,
    out: fields.out as number,
    limit: limit === "connection" || limit === "all" ? limit : undefined,
  };
}

function parseSteps(steps: unknown, id: number): RecordedEvent[] {
  if (!Array.isArray(steps)) throw new Error(`expected a list in "steps"`);
  return steps.map((value) => {
    if (!isObject(value)) throw new Error(`expected objects in "steps"`);
    return { t: secondsOf(value), id, event: "step", ...parseStep(value) };
  });
}

/** Steps that only a later version knows are kept: they are shown nowhere. */
function parseStep({ step, leg, address, text, seconds }: Record<string, unknown>): SocketStep {
  if (typeof step !== "string") throw new Error(`expected text in "step"`);
  if (leg !== "client" && leg !== "target") {
    throw new Error(`expected "client" or "target" in "leg"`);
  }
  if (seconds !== undefined && !(typeof seconds === "number" && seconds >= 0)) {
    throw new Error(`expected seconds in "seconds"`);
  }
  return {
    step,
    leg,
    address: optionalString(address, "address"),
    text: optionalString(text, "text"),
    seconds,
  };
}

function parseObject(line: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    // Reported below, with all else that isn't an object.
  }
  if (!isObject(value)) throw new Error("expected a JSON object");
  return value;
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
