/** A connection in a room, from its welcome to its end: what it sends is done, line by line. */
import { buffers } from "../core/buffers.ts";
import type { Channel, Duplex, End } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import { cutLine, LineSplitter } from "./lines.ts";
import type { Member } from "./member.ts";
import { isGiven, nameKey, parseName } from "./names.ts";
import type { Form } from "./news.ts";
import { HELP, parseJson, parseLine, type Request } from "./requests.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** The WebSocket subprotocol whose members talk JSON. */
export const PROTOCOL = "coax.chat.v1";

/** An accepted connection, as the chat needs to know it. */
export interface Visit {
  readonly end: End;
  readonly log: Log;
}

/** Makes a connection a member of the room that it has asked for, until it ends. */
export async function attend(visit: Visit, rooms: Rooms): Promise<void> {
  const { end, log } = visit;
  const request = end.framing === "message" ? end.request : undefined;
  const room = rooms.open(request && rooms.roomAt(request.path));
  const member = rooms.member(end, formOf(end), log);
  log.debug("join", `${end.peer} comes into ${room.name}`);
  try {
    await room.enter(member);
    await converse(member, room);
  } catch (error) {
    room.leave(member);
    end.close(error as Error);
    throw error;
  }
  room.leave(member);
  await member.finish();
  await end.closed;
}

/**
 * Makes the program's own stdin and stdout the member `server`. The end of stdin only ends what it
 * has to say. Resolves when it is over, with whether someone there has quit; rejects when stdin or
 * stdout fails.
 */
export async function attendAsServer(end: Duplex, rooms: Rooms, log: Log): Promise<boolean> {
  const room = rooms.open();
  const member = rooms.resident(end, log);
  await room.enter(member);
  const over = member.ended.then(() => false);
  return await Promise.race([over, converse(member, room).then((quit) => quit || over)]);
}

function formOf(end: End): Form {
  if (end.framing === "stream" || !end.request) return "line";
  return end.request.protocol === PROTOCOL ? "json" : "message";
}

/** Characters of requests that are done in one turn: few enough that no queue fills up by it alone. */
const TURN = 64 * 1024;
/** What a request counts for at least: its answer may have a name and a date. */
const LEAST = 64;
/** What one counts for whose answer has everyone's name. */
const WHO = 1024;

/** Does what a member asks for until its end; true if it has asked for that too. */
async function converse(member: Member, room: Room): Promise<boolean> {
  const { end, form } = member;
  for await (const all of end.framing === "stream" ? typed(end) : sent(end, form)) {
    const last = all.findIndex(({ type }) => type === "quit");
    const requests = last < 0 ? all : all.slice(0, last);
    for (const some of turns(requests)) {
      await room.turn(() => some.forEach((request) => perform(request, member, room)));
    }
    if (last >= 0) return true;
  }
  return false;
}

/** The same requests, as many together as fit a turn. */
function* turns(requests: readonly Request[]): Generator<Request[]> {
  let some: Request[] = [];
  let size = 0;
  for (const request of requests) {
    some.push(request);
    size += request.type === "who" ? WHO : LEAST + ("text" in request ? request.text.length : 0);
    if (size < TURN) continue;
    yield some;
    some = [];
    size = 0;
  }
  if (some.length > 0) yield some;
}

function perform(request: Request, member: Member, room: Room): void {
  switch (request.type) {
    case "say":
    case "me":
      return room.say(member, request.type, request.text);
    case "nick":
      return rename(request.text, member, room);
    case "msg":
      return room.tell(member, request.to, request.text);
    case "who":
      return room.who(member);
    case "help":
      return HELP.forEach((line) => room.notify(member, line));
    case "wrong":
      return room.notify(member, request.text);
    case "quit":
      return; // The end of the conversation, not a part of it.
  }
}

function rename(text: string, member: Member, room: Room): void {
  try {
    if (member.resident) throw new Error(`this terminal's name stays ${member.name}`);
    const name = parseName(text);
    if (name === member.name) throw new Error(`${name} is your name already`);
    if (nameKey(name) !== nameKey(member.name) && isGiven(name)) {
      throw new Error(`the name ${name} is taken: the room gives it out itself`);
    }
    room.rename(member, name);
  } catch (error) {
    room.notify(member, (error as Error).message);
  }
}

/** What comes over a byte stream, as many lines at a time as one read yields. */
async function* typed(end: Duplex): AsyncGenerator<Request[]> {
  const decoder = new TextDecoder();
  const splitter = new LineSplitter();
  const lease = buffers.lease();
  try {
    for (let n = await end.read(lease.bytes); n !== null; n = await end.read(lease.bytes)) {
      const text = decoder.decode(lease.bytes.subarray(0, n), { stream: true });
      lease.fit(n);
      yield splitter.push(text).flatMap(parseLine);
    }
  } finally {
    lease.release();
  }
  splitter.push(decoder.decode());
  yield splitter.end().flatMap(parseLine);
}

/** What comes as messages: JSON, or lines, usually one a message. */
async function* sent(end: Channel, form: Form): AsyncGenerator<Request[]> {
  const decoder = new TextDecoder();
  for (let message = await end.receive(); message !== null; message = await end.receive()) {
    const text = decoder.decode(message.data);
    yield form === "json"
      ? parseJson(text)
      : text.split(/\r?\n/).flatMap((line) => parseLine(cutLine(line)));
  }
}
