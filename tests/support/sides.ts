/**
 * Both sides of a relay over every transport: they greet, reset, and report how the connection
 * ended.
 */
import type { Channel, Connection, Duplex } from "../../src/core/duplex.ts";
import { CloseError, ResetError } from "../../src/core/errors.ts";
import { silent } from "../../src/core/log.ts";
import type { Service } from "./transports.ts";
import { connect, service } from "./transports.ts";
import { decode, encode } from "./connections.ts";
import type { Issued } from "./certificates.ts";
import { UPGRADE } from "./websocket.ts";
import { soon } from "./wait.ts";

export const SCHEMES = ["tcp", "tls", "ws", "unix"] as const;
export type Scheme = (typeof SCHEMES)[number];

/** "Hello" as a client's frame (RFC 6455 §5.7). */
const HELLO_FRAME = Uint8Array.fromHex("818537fa213d7f9f4d5158");

export interface Side extends Disposable {
  /** Sends `Hello`. */
  greet(): Promise<void>;
  /** Waits for `Hello`. */
  awaitGreeting(): Promise<void>;
  /** Resets its TCP connection. */
  reset(): void;
  /** `end` for EOF, `reset`, or the code of a WebSocket's Close. */
  fate(): Promise<string>;
}

class StreamSide implements Side {
  constructor(protected readonly connection: Duplex) {}

  async greet(): Promise<void> {
    await this.connection.write(encode("Hello"));
  }

  async awaitGreeting(): Promise<void> {
    for (let received = ""; !received.includes("Hello");) received += decode((await this.read())!);
  }

  reset(): void {
    this.connection.close(new ResetError("test", this.connection.peer));
  }

  async fate(): Promise<string> {
    try {
      while (await this.read());
      return "end";
    } catch (error) {
      if (error instanceof ResetError) return "reset";
      throw error;
    }
  }

  protected async read(): Promise<Uint8Array | null> {
    const buffer = new Uint8Array(1000);
    const count = await soon(
      this.connection.read(buffer),
      `something from ${this.connection.peer}`,
    );
    return count === null ? null : buffer.subarray(0, count);
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}

/** A WebSocket client on a plain connection, which can be reset below it. */
class RawWsSide extends StreamSide {
  #code = "end";

  static async on(connection: Duplex): Promise<RawWsSide> {
    await connection.write(encode(UPGRADE));
    const side = new RawWsSide(connection);
    for (let head = ""; !head.endsWith("\r\n\r\n");) head += decode((await side.read())!);
    return side;
  }

  override async greet(): Promise<void> {
    await this.connection.write(HELLO_FRAME);
  }

  override async fate(): Promise<string> {
    const fate = await super.fate();
    return fate === "end" ? this.#code : fate;
  }

  protected override async read(): Promise<Uint8Array | null> {
    const bytes = await super.read();
    if (bytes?.[0] === 0x88) this.#code = String(bytes[2]! << 8 | bytes[3]!);
    return bytes;
  }
}

class ChannelSide implements Side {
  constructor(private readonly connection: Channel) {}

  async greet(): Promise<void> {
    await this.connection.send({ data: encode("Hello"), text: true });
  }

  async awaitGreeting(): Promise<void> {
    await soon(this.connection.receive(), "a greeting");
  }

  reset(): void {
    throw new Error("a whole WebSocket closes, it doesn't reset");
  }

  async fate(): Promise<string> {
    try {
      while (await soon(this.connection.receive(), "a Close"));
      return "end";
    } catch (error) {
      if (error instanceof CloseError) return String(error.code);
      throw error;
    }
  }

  [Symbol.dispose](): void {
    this.connection.close();
  }
}

const at = (scheme: Scheme, path: string) =>
  scheme === "unix" ? `unix:${path}` : `${scheme}://127.0.0.1:0`;

/** An address for a relay to listen at. */
export function fromOf(scheme: Scheme, folder: string): string {
  return at(scheme, `${folder}/from`);
}

/** A client of `address`, as a relay prints it. */
export async function visit(address: string, ca: string): Promise<Side> {
  const ws = address.startsWith("ws://");
  const connection = await connect(
    ws ? new URL(address.replace(/^ws/, "http")).host : address,
    silent,
    {
      tls: { ca: [ca] },
    },
  );
  return ws ? await RawWsSide.on(connection) : new StreamSide(connection);
}

/** A target; `next` resolves with its next connection. */
export async function target(
  scheme: Scheme,
  folder: string,
  identity: Issued,
): Promise<Service & { next(): Promise<Side> }> {
  const waiting: ((connection: Connection) => void)[] = [];
  const serving = await service(
    at(scheme, `${folder}/to`),
    (connection: Connection) => {
      waiting.shift()!(connection);
      return connection.closed;
    },
    silent,
    { tls: { identity } },
  );
  return {
    addresses: serving.addresses,
    async next() {
      const connection = await soon(
        new Promise<Connection>((resolve) => waiting.push(resolve)),
        "a connection",
      );
      return connection.framing === "stream"
        ? new StreamSide(connection)
        : new ChannelSide(connection);
    },
    [Symbol.asyncDispose]: () => serving[Symbol.asyncDispose](),
  };
}
