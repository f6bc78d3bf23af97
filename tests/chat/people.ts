/** People in a room, in memory: they type, and record what they have seen. */
import type { Channel, Duplex, Message } from "../../src/core/duplex.ts";
import { BrokenError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import { memoryPair } from "../support/memory.ts";
import { MemoryBus } from "../../src/chat/bus/memory.ts";
import type { News } from "../../src/chat/protocol/news.ts";
import { Rooms } from "../../src/chat/rooms.ts";
import { attend } from "../../src/chat/visit.ts";
import { decode, encode } from "../support/connections.ts";
import { until } from "../support/wait.ts";

/** Rooms of one process, with nobody in them. */
export function rooms({ history = 50, bus = new MemoryBus() } = {}): Rooms {
  return new Rooms(bus, { room: "main", history });
}

/** Both sides of one connection that carries messages. */
export function channelPair(request?: Channel["request"]): [Channel, Channel] {
  const [toServer, toClient] = [new Queue(), new Queue()];
  return [channel("memory:b", toClient, toServer), {
    ...channel("memory:a", toServer, toClient),
    request,
  }];
}

class Queue {
  readonly #messages: Message[] = [];
  #changed = Promise.withResolvers<void>();
  #end: { reason?: Error } | undefined;

  async next(): Promise<Message | null> {
    while (this.#messages.length === 0) {
      if (this.#end?.reason) throw this.#end.reason;
      if (this.#end) return null;
      await this.#changed.promise;
    }
    return this.#messages.shift()!;
  }

  put(message: Message): Promise<void> {
    if (this.#end) return Promise.reject(new BrokenError("send", "memory", "already closed"));
    this.#messages.push({ ...message, data: message.data.slice() });
    this.#notify();
    return Promise.resolve();
  }

  end(reason?: Error): void {
    this.#end ??= { reason };
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}

function channel(peer: string, incoming: Queue, outgoing: Queue): Channel {
  const closed = Promise.withResolvers<void>();
  return {
    framing: "message",
    halfClose: false,
    peer,
    closed: closed.promise,
    receive: () => incoming.next(),
    send: (message) => outgoing.put(message),
    closeWrite: () => Promise.resolve(),
    close(reason) {
      incoming.end(reason);
      outgoing.end();
      closed.resolve();
    },
  };
}

/** Someone in a room. */
abstract class Person implements AsyncDisposable {
  /** Everything it has received, a line or a message each. */
  readonly seen: string[] = [];
  readonly #reading: Promise<void>;

  constructor(private readonly visit: Promise<void>, read: (person: Person) => Promise<void>) {
    this.#reading = read(this);
    visit.catch(() => {}); // Some tests break connections; `left` shows it.
  }

  abstract type(line: string): Promise<void>;
  /** Whether it talks JSON. */
  abstract readonly json: boolean;

  /** Sends a line to the room. */
  say(text: string): Promise<void> {
    return this.type(this.json ? JSON.stringify({ type: "say", text }) : text);
  }

  abstract hangUp(): void;

  /** Waits until a line contains `text`; the line. */
  async sees(text: string): Promise<string> {
    const find = () => this.seen.find((line) => line.includes(text));
    await until(() => find() !== undefined, `"${text}" in ${JSON.stringify(this.seen)}`);
    return find()!;
  }

  /** Resolves when the connection is over. */
  async left(): Promise<void> {
    await Promise.all([this.visit, this.#reading]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.hangUp();
    await Promise.allSettled([this.visit, this.#reading]);
  }
}

/** Someone at a terminal. */
export class Terminal extends Person {
  readonly json = false;

  private constructor(private readonly connection: Duplex, visit: Promise<void>) {
    super(visit, async ({ seen }) => {
      const buffer = new Uint8Array(64 * 1024);
      const decoder = new TextDecoder();
      let rest = "";
      for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
        const lines = (rest + decoder.decode(buffer.subarray(0, n), { stream: true })).split("\n");
        rest = lines.pop()!;
        for (const line of lines) seen.push(line);
      }
    });
  }

  /** Joins the default room and waits for the welcome. */
  static async join(rooms: Rooms): Promise<Terminal> {
    const [client, server] = memoryPair();
    const terminal = new Terminal(client, attend({ connection: server, log: silent }, rooms));
    await terminal.sees("-- welcome");
    return terminal;
  }

  type(line: string): Promise<void> {
    return this.connection.write(encode(line + "\n"));
  }

  /** Sends bytes as they are. */
  send(bytes: Uint8Array): Promise<void> {
    return this.connection.write(bytes);
  }

  endInput(): Promise<void> {
    return this.connection.closeWrite();
  }

  hangUp(): void {
    this.connection.close();
  }
}

/** Someone whose connection carries messages: text, JSON, datagrams. */
export class Messenger extends Person {
  private constructor(
    private readonly connection: Channel,
    visit: Promise<void>,
    readonly json: boolean,
  ) {
    super(visit, async ({ seen }) => {
      for (let m = await connection.receive(); m !== null; m = await connection.receive()) {
        seen.push(decode(m.data));
      }
    });
  }

  static async join(rooms: Rooms, request?: Channel["request"]): Promise<Messenger> {
    const [client, server] = channelPair(request);
    const visit = attend({ connection: server, log: silent }, rooms);
    const person = new Messenger(client, visit, request?.protocol !== undefined);
    await person.sees("welcome");
    return person;
  }

  type(line: string): Promise<void> {
    return this.connection.send({ data: encode(line) });
  }

  /** Sends an object of the JSON protocol. */
  ask(request: Record<string, unknown>): Promise<void> {
    return this.type(JSON.stringify(request));
  }

  /** What it has received, as objects. */
  news(type?: News["type"]): News[] {
    const all = this.seen.map((text) => JSON.parse(text) as News);
    return type ? all.filter((news) => news.type === type) : all;
  }

  hangUp(): void {
    this.connection.close();
  }
}

/** Joins over WebSocket with the JSON protocol. */
export function joinJson(rooms: Rooms, path = "/"): Promise<Messenger> {
  return Messenger.join(rooms, { path, protocol: "coax.chat.v1" });
}

/** Joins over WebSocket with text messages. */
export function joinText(rooms: Rooms, path = "/"): Promise<Messenger> {
  return Messenger.join(rooms, { path });
}
