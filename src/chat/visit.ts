/** Serves a connection in a room, from its welcome to its close: performs what it asks for. */
import { buffers } from "../core/buffers.ts";
import { deadline } from "../core/deadlines.ts";
import type { Channel, Connection, Duplex } from "../core/duplex.ts";
import { CoaxError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { isReset, QuietLeaveError } from "../core/resets.ts";
import { LineSplitter } from "./protocol/lines.ts";
import type { Member } from "./member.ts";
import { isReserved, nameKey, parseName } from "./protocol/names.ts";
import type { NewsFormat } from "./protocol/news.ts";
import { HELP, parseJson, parseLine, type Request } from "./protocol/requests.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";

/** The WebSocket subprotocol for members that exchange JSON. */
export const PROTOCOL = "coax.chat.v1";

/** What the chat needs of an accepted connection. */
interface AcceptedConnection {
  readonly connection: Connection;
  readonly log: Log;
}

/**
 * Makes a connection a member of the room that its path names, until it closes. Rejects with what
 * broke the connection.
 */
export async function attend(accepted: AcceptedConnection, rooms: Rooms): Promise<void> {
  const { connection, log } = accepted;
  const request = connection.framing === "message" ? connection.request : undefined;
  const room = rooms.open(request && rooms.roomAt(request.path));
  const member = rooms.member(connection, formatOf(connection), log);
  log.debug("join", `${connection.peer} comes into ${room.name}`);
  try {
    await room.enter(member);
    await serveRequests(member, room);
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
 * Makes a reset a departure, which isn't logged as an error: a member that leaves doesn't read what
 * is still on its way to it.
 */
function departure(error: Error): Error {
  return error instanceof CoaxError && isReset(error) ? new QuietLeaveError(error) : error;
}

/**
 * Makes the program's own stdin and stdout the member `server`, which stays after EOF on stdin.
 * Resolves with true at `/quit`, with false when the room has closed; rejects when stdin or stdout
 * fails.
 */
export async function attendAsServer(connection: Duplex, rooms: Rooms, log: Log): Promise<boolean> {
  const room = rooms.open();
  const member = rooms.stdioMember(connection, log);
  await room.enter(member);
  const finished = member.finished.then(() => false);
  return await Promise.race([
    finished,
    serveRequests(member, room).then((quit) => quit || finished),
  ]);
}

function formatOf(connection: Connection): NewsFormat {
  if (connection.framing === "stream" || !connection.request) return "line";
  return connection.request.protocol === PROTOCOL ? "json" : "message";
}

/**
 * Characters of the requests of one turn: few enough that they alone fill no queue, and that other
 * members don't wait long for their turn.
 */
const TURN_SIZE = 16 * 1024;
/** Fewest characters that a line counts for: an answer has a name and a date besides the text. */
const LEAST_WEIGHT = 64;

/** Performs a member's requests until EOF; resolves with true at `/quit`, with false at EOF. */
async function serveRequests(member: Member, room: Room): Promise<boolean> {
  const { connection, format } = member;
  for await (
    const lines of connection.framing === "stream"
      ? streamRequests(connection, () => room.notify(member, LINE_HINT))
      : messageRequests(connection, format)
  ) {
    let outcome: TurnOutcome;
    do outcome = await room.takeTurn(() => performSome(lines, member, room)); while (
      outcome === "more"
    );
    if (outcome === "quit") return true;
  }
  return false;
}

type TurnOutcome = "more" | "all" | "quit";

/** Performs the requests of as many lines as fit a turn. */
function performSome(lines: Requests, member: Member, room: Room): TurnOutcome {
  for (let size = 0; size < TURN_SIZE; size += LEAST_WEIGHT) {
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

/** What a request counts for besides its line, characters. */
function weightOf(request: Request, room: Room): number {
  if (request.type === "who") return LEAST_WEIGHT * room.size;
  if (!("text" in request)) return 0;
  const { text } = request;
  return text.length + (text.includes("\n") ? LEAST_WEIGHT * text.split("\n").length : 0);
}

function perform(request: Request, member: Member, room: Room): void {
  switch (request.type) {
    case "say":
    case "me":
      return room.say(member, request.type, request.text);
    case "nick":
      return rename(request.text, member, room);
    case "msg":
      return room.sendPrivate(member, request.to, request.text);
    case "who":
      return room.who(member);
    case "help":
      return HELP.forEach((line) => room.notify(member, line));
    case "wrong":
      return room.notify(member, request.text);
    case "quit":
      return; // `performSome` has handled it.
  }
}

function rename(text: string, member: Member, room: Room): void {
  try {
    if (member.isStdio) throw new Error(`this terminal's name stays ${member.name}`);
    const name = parseName(text);
    if (name === member.name) throw new Error(`${name} is your name already`);
    if (nameKey(name) !== nameKey(member.name) && isReserved(name)) {
      throw new Error(`the name ${name} is taken: the room gives it out itself`);
    }
    room.rename(member, name);
  } catch (error) {
    room.notify(member, (error as Error).message);
  }
}

/** The requests of one read, line by line; each line is parsed only when it is taken. */
type Requests = Iterator<readonly Request[], void>;

/** A text without its newline is waited for this long before its writer gets the hint. */
const HINT_AFTER = 2000;
const LINE_HINT = "a line ends with Enter (LF): yours hasn't ended, so nobody has got it yet";

/**
 * The requests in a byte stream, for each read.
 *
 * @param hint Called once, when the end of a line is long in coming.
 */
async function* streamRequests(connection: Duplex, hint: () => void): AsyncGenerator<Requests> {
  const splitter = new LineSplitter();
  const lease = buffers.lease();
  let isHinted = false;
  let cancel = () => {};
  try {
    for (
      let n = await connection.read(lease.bytes);
      n !== null;
      n = await connection.read(lease.bytes)
    ) {
      cancel();
      yield splitter.push(lease.bytes.subarray(0, n)).map(parseLine);
      lease.fit(n);
      if (!splitter.isWithinLine || isHinted) continue;
      cancel = deadline(HINT_AFTER, () => {
        isHinted = true;
        hint();
      });
    }
  } finally {
    cancel();
    lease.release();
  }
  yield splitter.finish().map(parseLine);
}

/** The requests in messages: JSON, or lines, usually one a message. */
async function* messageRequests(connection: Channel, format: NewsFormat): AsyncGenerator<Requests> {
  const decoder = new TextDecoder();
  const splitter = new LineSplitter();
  for (
    let message = await connection.receive();
    message !== null;
    message = await connection.receive()
  ) {
    const { data } = message;
    if (format === "json") {
      yield [parseJson(decoder.decode(data))].values();
    } else {
      yield splitter.push(data).map(parseLine);
      yield splitter.finish().map(parseLine);
    }
  }
}
