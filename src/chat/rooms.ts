/**
 * All rooms of this process: opened for their first member, kept for a while after the last.
 */
import type { Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { Bus } from "./bus/bus.ts";
import type { MemberId } from "./bus/facts.ts";
import { Member } from "./member.ts";
import { parseName } from "./protocol/names.ts";
import type { NewsFormat } from "./protocol/news.ts";
import { Room, type RoomOptions } from "./room.ts";

/** How many empty rooms keep their history. */
const EMPTY_ROOMS = 32;

/** The name of the program's own stdin and stdout. */
export const SERVER = "server";

interface RoomsOptions extends RoomOptions {
  /** The name of the default room. */
  readonly room: string;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  #count = 0;

  constructor(private readonly bus: Bus, private readonly options: RoomsOptions) {}

  /**
   * The name of the room at a WebSocket's path: `/r/NAME`, or `/` for the default room; undefined
   * at any other path.
   */
  roomAt(path: string): string | undefined {
    const [, encoded] = /^\/(?:r\/([^/?]+))?(?:\?.*)?$/.exec(path) ?? [];
    try {
      if (encoded !== undefined) return parseName(decodeURIComponent(encoded));
    } catch {
      return undefined;
    }
    return /^\/(?:\?|$)/.test(path) ? this.options.room : undefined;
  }

  /** Returns the room of this name, opened if need be. */
  open(name: string = this.options.room): Room {
    const room = this.#rooms.get(name) ?? new Room(name, this.bus, this.options);
    this.#rooms.delete(name);
    this.#rooms.set(name, room); // In order of use, the latest last.
    this.#closeUnused();
    return room;
  }

  /** Makes a connection a member without a name. */
  member(connection: Connection, format: NewsFormat, log: Log): Member {
    return new Member(this.#id(), "", connection, format, log);
  }

  /** Makes the program's own stdin and stdout the member `server`. */
  stdioMember(connection: Connection, log: Log): Member {
    return new Member(this.#id(), SERVER, connection, "line", log, true);
  }

  #id(): MemberId {
    return `${this.bus.process}.${++this.#count}`;
  }

  /** Disconnects all members after a last notice, and closes the bus. */
  async close(text: string): Promise<void> {
    this.options.file?.[Symbol.dispose]();
    await Promise.all([...this.#rooms.values()].map((room) => room.close(text)));
    this.#rooms.clear();
    await this.bus.close();
  }

  /** Closes the least recently used empty rooms. */
  #closeUnused(): void {
    const empty = [...this.#rooms.values()].filter((room) => room.empty);
    for (const room of empty.slice(0, -EMPTY_ROOMS)) {
      this.#rooms.delete(room.name);
      this.options.file?.forget(room.name);
      room.close("");
    }
  }
}
