/** Real NATS servers, with a JetStream that survives them. */
import { Coax, DEADLINE } from "../e2e/coax.ts";
import { unusedPort } from "../e2e/peers.ts";
import { available } from "./peer_program.ts";

export const nats = {
  name: "nats-server",
  available: available("nats-server", ["--version"], /nats-server/),
};

/** One server at a fixed address, which can be stopped and started again. */
export class NatsServer implements AsyncDisposable {
  readonly port = unusedPort();
  readonly url = `nats://127.0.0.1:${this.port}`;
  readonly #folder = Deno.makeTempDirSync({ prefix: "coax-nats-" });
  #process: Coax | undefined;

  /** Resolves once it takes connections. */
  async start(): Promise<void> {
    const words = ["nats-server", "-js", "-a", "127.0.0.1", "-p", `${this.port}`];
    this.#process = Coax.spawn([...words, "-sd", this.#folder]);
    await this.#process.says(/Server is ready/, DEADLINE);
  }

  /** Ends it without a warning. */
  async kill(): Promise<void> {
    this.#process!.signal("SIGKILL");
    await this.#process!.exit();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process?.[Symbol.asyncDispose]();
    await Deno.remove(this.#folder, { recursive: true });
  }
}
