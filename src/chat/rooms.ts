/**
 * All rooms of this process: opened when someone comes, kept for a while when everyone has left.
 */
import type { Connection } from "../core/duplex.ts";
import type { Log } from "../core/log.ts";
import type { Bus } from "./bus/bus.ts";
import type { MemberId } from "./bus/facts.ts";
import { Member } from "./member.ts";
import { parseName } from "./protocol/names.ts";
import type { Form } from "./protocol/news.ts";
import { Room } from "./room.ts";

/** Empty rooms that keep their history. */
const EMPTY_ROOMS = 32;

interface RoomsOptions {
  /** The room of everyone who doesn't ask for another. */
  readonly room: string;
  /** Lines that those who come in get to see. */
  readonly history: number;
}

export class Rooms {
  readonly #rooms = new Map<string, Room>();
  #count = 0;

  constructor(private readonly bus: Bus, private readonly options: RoomsOptions) {}

  /**
   * The name of the room that a WebSocket's path means: `/r/NAME`, or `/` for the default one;
   * undefined if it means none.
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

  /** The room of this name, open from now on. */
  open(name: string = this.options.room): Room {
    const room = this.#rooms.get(name) ?? new Room(name, this.bus, this.options.history);
    this.#rooms.delete(name);
    this.#rooms.set(name, room); // The one that was used last stands last.
    this.#forget();
    return room;
  }

  /** Someone who would like to be in a room, as a guest. */
  member(connection: Connection, form: Form, log: Log): Member {
    return new Member(this.#id(), "", connection, form, log);
  }

  /** The program's own stdin and stdout. */
  resident(connection: Connection, log: Log): Member {
    return new Member(this.#id(), "server", connection, "line", log, true);
  }

  #id(): MemberId {
    return `${this.bus.process}.${++this.#count}`;
  }

  /** Ends all members after a last notice, and the bus. */
  async close(text: string): Promise<void> {
    await Promise.all([...this.#rooms.values()].map((room) => room.close(text)));
    this.#rooms.clear();
    await this.bus.close();
  }

  /** Lets go of the empty rooms that nobody has used for longest. */
  #forget(): void {
    const empty = [...this.#rooms.values()].filter((room) => room.empty);
    for (const room of empty.slice(0, -EMPTY_ROOMS)) {
      this.#rooms.delete(room.name);
      room.close("");
    }
  }
}
