/** A relay with toxics between two peers, over a transport of choice. */
import { parseAddress } from "../../src/address/address.ts";
import type { Connection } from "../../src/core/duplex.ts";
import { CloseError } from "../../src/core/errors.ts";
import type { Event } from "../../src/core/log.ts";
import { Log, silent } from "../../src/core/log.ts";
import { serve } from "../../src/core/serve.ts";
import { Toxics } from "../../src/faults/mod.ts";
import { completeOptions } from "../../src/flags/flag.ts";
import {
  dialerFlags,
  framingFlags,
  listenerFlags,
  observeFlags,
} from "../../src/options/groups.ts";
import { destinationOf } from "../../src/relay/connections.ts";
import { closeFlags, relayFlags } from "../../src/relay/options.ts";
import { Relay } from "../../src/relay/relay.ts";
import { SERVING } from "../support/options.ts";
import { bind, connect, descriptorsAreBack } from "../support/transports.ts";
import { soon } from "../support/wait.ts";

const FLAGS = {
  ...relayFlags,
  ...framingFlags,
  ...closeFlags,
  ...listenerFlags,
  ...dialerFlags,
  ...observeFlags,
};

export const TRANSPORTS = ["tcp", "udp", "ws"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** One end of a connection through the relay. */
export class Peer {
  constructor(readonly connection: Connection) {}

  async send(data: Uint8Array<ArrayBuffer>, text?: boolean): Promise<void> {
    if (this.connection.framing === "stream") await this.connection.write(data);
    else await this.connection.send({ data, text });
  }

  /** The next bytes or message, null at EOF; rejects as the connection ends. */
  async receive(): Promise<Uint8Array | null> {
    if (this.connection.framing === "message") {
      const message = await soon(this.connection.receive(), "a message");
      return message && message.data.slice();
    }
    const buffer = new Uint8Array(64 * 1024);
    const count = await soon(this.connection.read(buffer), "bytes");
    return count === null ? null : buffer.slice(0, count);
  }

  /** How it ends, after whatever comes before: `end`, a code, or the name of the error. */
  async fate(): Promise<string> {
    try {
      while (await this.receive() !== null);
      return "end";
    } catch (error) {
      return error instanceof CloseError
        ? `closed with ${error.code}`
        : (error as Error).constructor.name;
    }
  }
}

/** A target that hands its connections out, and a relay to it. */
export class ToxicRelay implements AsyncDisposable {
  readonly events: Event[] = [];
  readonly #accepted: ((peer: Peer) => void)[] = [];
  readonly #stop = new AbortController();
  readonly #over: Promise<unknown>[] = [];
  readonly #clients: Peer[] = [];
  #address = "";

  private constructor(readonly transport: Transport, readonly toxics: Toxics) {}

  static async start(transport: Transport, toxics = new Toxics(1)): Promise<ToxicRelay> {
    const relay = new ToxicRelay(transport, toxics);
    const target = await relay.#listen((peer) => relay.#accepted.shift()?.(peer));
    const from = parseAddress(`${transport}://127.0.0.1:0`);
    const options = completeOptions(FLAGS, { grace: 0 });
    const destination = await destinationOf([target], options);
    const log = new Log(() => {}, "error", {}, (event) => relay.events.push(event));
    const { signal: stop } = relay.#stop;
    const parts = { from, to: [target], destination, options };
    const made = await Relay.make({ ...parts, log, stop, toxics });
    const listeners = await bind(from);
    relay.#address = listeners[0]!.addresses[0]!;
    relay.#over.push(made.serve({ listeners, admit: undefined, held: () => 0 }));
    return relay;
  }

  /** Connects, and greets in both directions. */
  async connect(): Promise<{ client: Peer; target: Peer }> {
    const accepted = new Promise<Peer>((resolve) => this.#accepted.push(resolve));
    const client = new Peer(await connect(this.#address));
    this.#clients.push(client);
    if (this.transport === "udp") await client.send(Uint8Array.of(1));
    const target = await soon(accepted, "the target's connection");
    if (this.transport === "udp") await target.receive();
    return { client, target };
  }

  /** Waits for `count` faults, and returns their kinds. */
  faults(): string[] {
    return this.events.filter(({ event }) => event === "fault").map(({ kind }) => String(kind));
  }

  async #listen(accept: (peer: Peer) => void): Promise<string> {
    const listeners = await bind(`${this.transport}://127.0.0.1:0`);
    const handle = async ({ connection }: { connection: Connection }) => {
      accept(new Peer(connection));
      await connection.closed;
    };
    const { signal: stop } = this.#stop;
    this.#over.push(serve(listeners, handle, { ...SERVING, log: silent, stop }));
    return listeners[0]!.addresses[0]!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { connection } of this.#clients) connection.close();
    this.#stop.abort();
    await soon(Promise.all(this.#over), "the end of the relay");
    await descriptorsAreBack();
  }
}
