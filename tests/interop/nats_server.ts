/** Real NATS servers, with a JetStream that survives them. */
import { type Log, silent } from "../../src/core/log.ts";
import { NatsBus } from "../../src/chat/bus/nats.ts";
import { Rooms } from "../../src/chat/rooms.ts";
import { Coax, DEADLINE } from "../e2e/coax.ts";
import { unusedPort } from "../e2e/peers.ts";
import { available } from "./peer_program.ts";

export const nats = {
  name: "nats-server",
  available: available("nats-server", ["--version"], /nats-server/),
};

/** A chat process of its own. */
export function processOn(
  server: NatsServer,
  patience = 5000,
  log: Log = silent,
): { rooms: Rooms } & AsyncDisposable {
  const options = { servers: [`127.0.0.1:${server.port}`], stream: "coax-chat" };
  const rooms = new Rooms(new NatsBus(options, server.url, log, patience), {
    room: "main",
    history: 1000,
  });
  return { rooms, [Symbol.asyncDispose]: () => rooms.close("over") };
}

/** One server at a fixed address, which can be stopped and started again. */
export class NatsServer implements AsyncDisposable {
  readonly port = unusedPort();
  readonly url = `nats://127.0.0.1:${this.port}`;
  readonly #folder = Deno.makeTempDirSync({ prefix: "coax-nats-" });
  #process: Coax | undefined;

  /** @param args More arguments of its command line. */
  constructor(private readonly args: readonly string[] = []) {}

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const words = ["nats-server", "-js", "-a", "127.0.0.1", "-p", `${this.port}`];
    this.#process = Coax.spawn([...words, "-sd", this.#folder, ...this.args]);
    await this.#process.logs(/Server is ready/, DEADLINE);
  }

  /** Kills it without a warning. */
  async kill(): Promise<void> {
    this.#process!.signal("SIGKILL");
    await this.#process!.exit();
  }

  /** Kills it, and starts one without any data. */
  async replace(): Promise<void> {
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
    await Deno.mkdir(this.#folder);
    await this.start();
  }

  /** Does `work`, then restores the data from before: the server has forgotten it. */
  async forgetting(work: () => Promise<void>): Promise<void> {
    const copy = Deno.makeTempDirSync({ prefix: "coax-nats-" });
    await this.kill();
    await copyFolder(this.#folder, copy);
    await this.start();
    await work();
    await this.kill();
    await Deno.remove(this.#folder, { recursive: true });
    await Deno.rename(copy, this.#folder);
    await this.start();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}

async function copyFolder(from: string, to: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(from)) {
    if (!isDirectory) await Deno.copyFile(`${from}/${name}`, `${to}/${name}`);
    else {
      await Deno.mkdir(`${to}/${name}`);
      await copyFolder(`${from}/${name}`, `${to}/${name}`);
    }
  }
}
