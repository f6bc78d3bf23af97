/** Encodes and checks messages between processes, and the subjects that they are published on. */
import { type Fact, type MemberId, processOf } from "./facts.ts";
import { LONGEST_LINE, MOST_LINES } from "../protocol/lines.ts";
import { parseName } from "../protocol/names.ts";
import { clean, cleanLines } from "../protocol/requests.ts";

/** One message on the bus, as JSON. */
export interface BusMessage {
  readonly process: string;
  /** The number of the first fact, as its process counts them from 1. */
  readonly first: number;
  readonly facts: readonly Fact[];
}

/** Most bytes of a message with several facts; a single list of members may be longer. */
const LONGEST_MESSAGE = 128 * 1024;
/** Most characters of an escaped line: escaping makes four of a byte at most. */
const LONGEST_TEXT = 4 * LONGEST_LINE;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeMessage(message: BusMessage): Uint8Array {
  return encoder.encode(JSON.stringify(message));
}

/**
 * Decodes a message from the bus; undefined if it isn't valid. Others can publish there too, so its
 * shape is checked, and control characters in its texts are escaped.
 */
export function decodeMessage(bytes: Uint8Array): BusMessage | undefined {
  try {
    const { process, first, facts } = JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
    if (!isProcess(process) || !Number.isSafeInteger(first) || !Array.isArray(facts)) return;
    if (facts.length > 1 && bytes.length > LONGEST_MESSAGE) return;
    return {
      process,
      first: first as number,
      facts: facts.map((fact) => checkFact(fact, process)),
    };
  } catch {
    return undefined;
  }
}

/** A room's name as one token of a NATS subject: base64url, since a name may hold any character. */
export function subjectToken(name: string): string {
  return encoder.encode(name).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether `value` is a valid process name. */
export function isProcess(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-z]{1,32}$/.test(value);
}

/** A fact with its texts escaped. Throws if it is invalid, or about another process's member. */
function checkFact(value: unknown, process: string): Fact {
  const fact = value as Record<string, unknown>;
  const text = (key: string) => checkLine(clean(checkString(fact[key])));
  const said = () => checkText(cleanLines(checkString(fact.text)));
  const name = (key: string) => parseName(checkString(fact[key]));
  const ownId = () => checkId(fact.id, process);
  switch (fact.type) {
    case "join":
      return { type: "join", id: ownId(), name: name("name") };
    case "leave": {
      const why = fact.why === undefined ? undefined : text("why");
      return { type: "leave", id: ownId(), from: name("from"), why };
    }
    case "rename":
      return { type: "rename", id: ownId(), from: name("from"), name: name("name") };
    case "say":
    case "me":
      return { type: fact.type, id: ownId(), from: name("from"), text: said() };
    case "msg": {
      const to = checkId(fact.to);
      return {
        type: "msg",
        id: ownId(),
        from: name("from"),
        to,
        name: name("name"),
        text: said(),
      };
    }
    case "here": {
      const members = (fact.members as unknown[]).map((member) => checkMember(member, process));
      return { type: "here", process, members };
    }
    case "gone":
      if (!isProcess(fact.process)) throw new Error("not a process");
      return { type: "gone", process: fact.process };
    default:
      throw new Error("not a fact");
  }
}

function checkString(value: unknown): string {
  if (typeof value !== "string") throw new Error("not a text");
  return value;
}

function checkLine(text: string): string {
  if (text.length > LONGEST_TEXT) throw new Error("not a line");
  return text;
}

/** The same for a text, which may have several lines. */
function checkText(text: string): string {
  if (text.split("\n").length > MOST_LINES) throw new Error("not a text");
  return checkLine(text);
}

function checkId(value: unknown, process?: string): MemberId {
  const id = checkString(value);
  if (!/^[0-9a-z]+\.\d+$/.test(id)) throw new Error("not a member");
  if (process !== undefined && processOf(id) !== process) throw new Error("not its own member");
  return id;
}

function checkMember(value: unknown, process: string): readonly [MemberId, string] {
  const [id, name] = value as unknown[];
  return [checkId(id, process), parseName(checkString(name))];
}
