/** Facts as they travel between processes, and the subjects that they travel under. */
import { type Fact, type MemberId, processOf } from "./facts.ts";
import { LONGEST_LINE } from "../protocol/lines.ts";
import { parseName } from "../protocol/names.ts";
import { clean } from "../protocol/requests.ts";

/** What one message on the bus holds. */
export interface Parcel {
  readonly process: string;
  /** The number of the first fact, as its process counts them from 1. */
  readonly first: number;
  readonly facts: readonly Fact[];
}

/**
 * Several facts come in far fewer bytes, whatever is in them; only a list of members may take more.
 */
const LONGEST_PARCEL = 128 * 1024;
/** Characters of a line; each byte of it takes four at most when it is made safe to show. */
const LONGEST_TEXT = 4 * LONGEST_LINE;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export function encodeParcel(parcel: Parcel): Uint8Array {
  return encoder.encode(JSON.stringify(parcel));
}

/**
 * A message from the bus, or nothing if it is none of ours. Others can write there too, so nothing
 * in it is believed: not its shape, and not that its texts are safe to show.
 */
export function decodeParcel(bytes: Uint8Array): Parcel | undefined {
  try {
    const { process, first, facts } = JSON.parse(decoder.decode(bytes)) as Record<string, unknown>;
    if (!isProcess(process) || !Number.isSafeInteger(first) || !Array.isArray(facts)) return;
    if (facts.length > 1 && bytes.length > LONGEST_PARCEL) return;
    return {
      process,
      first: first as number,
      facts: facts.map((fact) => checkFact(fact, process)),
    };
  } catch {
    return undefined;
  }
}

/** A room's name as one word of a subject: any name is, whatever is in it. */
export function subjectWord(name: string): string {
  return encoder.encode(name).toBase64({ alphabet: "base64url", omitPadding: true });
}

/** Whether it can be a process's name. */
export function isProcess(value: unknown): value is string {
  return typeof value === "string" && /^[0-9a-z]{1,32}$/.test(value);
}

/** Throws where a fact isn't one, or is about another process's member. */
function checkFact(value: unknown, process: string): Fact {
  const fact = value as Record<string, unknown>;
  const text = (key: string) => checkLine(clean(checkString(fact[key])));
  const name = (key: string) => parseName(checkString(fact[key]));
  const ours = () => checkId(fact.id, process);
  switch (fact.type) {
    case "join":
      return { type: "join", id: ours(), name: name("name") };
    case "leave": {
      const why = fact.why === undefined ? undefined : text("why");
      return { type: "leave", id: ours(), from: name("from"), why };
    }
    case "rename":
      return { type: "rename", id: ours(), from: name("from"), name: name("name") };
    case "say":
    case "me":
      return { type: fact.type, id: ours(), from: name("from"), text: text("text") };
    case "msg": {
      const to = checkId(fact.to);
      return {
        type: "msg",
        id: ours(),
        from: name("from"),
        to,
        name: name("name"),
        text: text("text"),
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
