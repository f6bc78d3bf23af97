/** A connection in a room, from its welcome to its end: what it sends is done, line by line. */
import { buffers } from "../core/buffers.ts";
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { CoaxError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isReset, QuietLeaveError } from "../core/resets.ts";
import { LineSplitter } from "./protocol/lines.ts";
import type { Member } from "./member.ts";
import { isGiven, nameKey, parseName } from "./protocol/names.ts";
import type { Form } from "./protocol/news.ts";
import { HELP, parseJson, parseLine, type Request } from "./protocol/requests.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** The WebSocket subprotocol whose members talk JSON. */
export const PROTOCOL = "coax.chat.v1";

/** An accepted connection, as the chat needs to know it. */
interface Visit {
  readonly connection: Connection;
  readonly log: Log;
}

/** Makes a connection a member of the room that it has asked for, until it ends. */
export async function attend(visit: Visit, rooms: Rooms): Promise<void> {
  const { connection, log } = visit;
  const request = connection.framing === "message" ? connection.request : undefined;
  const room = rooms.open(request && rooms.roomAt(request.path));
  const member = rooms.member(connection, formOf(connection), log);
  log.debug("join", `${connection.peer} comes into ${room.name}`);
  try {
    await room.enter(member);
    await converse(member, room);
  } catch (error) {
    room.leave(member);
    connection.close(error as Error);
    throw departure(error as Error);
  }
  room.leave(member);
  await member.finish();
  await connection.closed;
}

/**
 * Who leaves doesn't read what the others still say: a reset is a leave here, and the room is told.
 */
function departure(error: Error): Error {
  return error instanceof CoaxError && isReset(error) ? new QuietLeaveError(error) : error;
}

/**
 * Makes the program's own stdin and stdout the member `server`. The end of stdin only ends what it
 * has to say. Resolves when it is over, with whether someone there has quit; rejects when stdin or
 * stdout fails.
 */
export async function attendAsServer(connection: Duplex, rooms: Rooms, log: Log): Promise<boolean> {
  const room = rooms.open();
  const member = rooms.resident(connection, log);
  await room.enter(member);
  const over = member.ended.then(() => false);
  return await Promise.race([over, converse(member, room).then((quit) => quit || over)]);
}

function formOf(connection: Connection): Form {
  if (connection.framing === "stream" || !connection.request) return "line";
  return connection.request.protocol === PROTOCOL ? "json" : "message";
}

/**
 * Characters of requests that are done in one turn: few enough that no queue fills up by it alone,
 * and that others don't wait long for theirs.
 */
const TURN = 16 * 1024;
/** What a line counts for at least, also an empty one: its answer may have a name and a date. */
const LEAST = 64;

/** Does what a member asks for until its end; true if it has asked for that too. */
async function converse(member: Member, room: Room): Promise<boolean> {
  const { connection, form } = member;
  for await (
    const lines of connection.framing === "stream" ? typed(connection) : sent(connection, form)
  ) {
    let outcome: Outcome;
    do outcome = await room.turn(() => performSome(lines, member, room)); while (
      outcome === "more"
    );
    if (outcome === "quit") return true;
  }
  return false;
}

type Outcome = "more" | "all" | "quit";

/** Does what lines ask for, as many as fit a turn. */
function performSome(lines: Requests, member: Member, room: Room): Outcome {
  for (let size = 0; size < TURN; size += LEAST) {
    const { done, value } = lines.next();
    if (done) return "all";
    for (const request of value) {
      if (request.type === "quit") return "quit";
      perform(request, member, room);
      size += weightOf(request, room);
    }
  }
  return "more";
}

/** What a request counts for beside its line. */
function weightOf(request: Request, room: Room): number {
  if (request.type === "who") return LEAST * room.size;
  return "text" in request ? request.text.length : 0;
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

/** What has been asked for at once: for each line, taken apart when it is its turn. */
type Requests = Iterator<readonly Request[], void>;

/** What comes over a byte stream, as many lines at a time as one read yields. */
async function* typed(connection: Duplex): AsyncGenerator<Requests> {
  const splitter = new LineSplitter();
  const lease = buffers.lease();
  try {
    for (
      let n = await connection.read(lease.bytes);
      n !== null;
      n = await connection.read(lease.bytes)
    ) {
      yield splitter.push(lease.bytes.subarray(0, n)).map(parseLine);
      lease.fit(n);
    }
  } finally {
    lease.release();
  }
  yield splitter.end().map(parseLine);
}

/** What comes as messages: JSON, or lines, usually one a message. */
async function* sent(connection: Channel, form: Form): AsyncGenerator<Requests> {
  const decoder = new TextDecoder();
  const splitter = new LineSplitter();
  for (
    let message = await connection.receive();
    message !== null;
    message = await connection.receive()
  ) {
    const { data } = message;
    if (form === "json") {
      yield [parseJson(decoder.decode(data))].values();
    } else {
      yield splitter.push(data).map(parseLine);
      yield splitter.end().map(parseLine);
    }
  }
}
