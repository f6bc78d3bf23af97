/** Reads a file of histories: which lines each room had. */
import { LONGEST_LINE } from "./protocol/lines.ts";
import { parseName } from "./protocol/names.ts";
import { Announcement, type News } from "./protocol/news.ts";
import { cleanLines } from "./protocol/requests.ts";

/** The first line of a file of histories, which says what it is. */
export const HEADER = '{"coax":"room history","version":1}\n';

/** Most bytes that are read, from the end of the file: a file of ours isn't longer. */
const MOST_READ = 128 * 1024 * 1024;
/** Most characters of a line's text: escaping makes four of a byte at most. */
const LONGEST_TEXT = 4 * LONGEST_LINE;

export interface Histories {
  /** The last lines of each room, by its name, in the order of their last use. */
  readonly rooms: Map<string, Announcement[]>;
  /** How many lines are no lines of a room. */
  readonly broken: number;
}

/**
 * Reads the histories in a file, up to its last whole line. Throws an error if it is another file.
 *
 * @param lines How many lines of a room are kept.
 */
export function fromFile(file: Deno.FsFile, lines: number): Histories {
  const { size } = file.statSync();
  const header = new TextDecoder().decode(readFrom(file, 0, Math.min(size, HEADER.length)));
  if (!HEADER.startsWith(header)) {
    throw new Error("this is no history of rooms, and stays as it is");
  }
  const start = Math.max(header.length, size - MOST_READ);
  const text = new TextDecoder().decode(readFrom(file, start, size - start));
  const written = text.slice(0, text.lastIndexOf("\n") + 1).split("\n");
  if (start > header.length) written.shift(); // Its beginning isn't read.
  return historiesOf(written, lines);
}

function historiesOf(written: readonly string[], lines: number): Histories {
  const rooms = new Map<string, Announcement[]>();
  let broken = 0;
  for (const one of written) {
    if (one === "") continue;
    const line = parseLine(one);
    if (!line) {
      broken++;
      continue;
    }
    const before = rooms.get(line.news.room) ?? [];
    before.push(line);
    if (before.length > 2 * lines) before.splice(0, before.length - lines);
    rooms.delete(line.news.room);
    rooms.set(line.news.room, before);
  }
  for (const [room, all] of rooms) rooms.set(room, all.slice(-lines));
  return { rooms, broken };
}

function readFrom(file: Deno.FsFile, start: number, size: number): Uint8Array {
  const bytes = new Uint8Array(size);
  file.seekSync(start, Deno.SeekMode.Start);
  let length = 0;
  while (length < size) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) break;
    length += count;
  }
  return bytes.subarray(0, length);
}

/** A line as it was said; others can write to the file too, so its texts are escaped again. */
function parseLine(json: string): Announcement | undefined {
  try {
    const { type, room, from, text, time, id } = JSON.parse(json) as News;
    if (type !== "say" && type !== "me") return;
    if (typeof text !== "string" || text.length > LONGEST_TEXT) return;
    if (typeof id !== "string" || !/^[\w.-]{1,64}$/.test(id)) return;
    return new Announcement({
      type,
      from: parseName(from!),
      text: cleanLines(text),
      id,
      room: parseName(room),
      time: new Date(time).toISOString(),
    });
  } catch {
    return;
  }
}
