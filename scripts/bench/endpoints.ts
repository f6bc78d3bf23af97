/** Starts the client and the server around every relay, and gives the client its jobs. */
import { TextLineStream } from "@std/streams";
import { end } from "./program.ts";
import type { Job, Ports } from "./protocol.ts";

/** A child process that reads and writes JSON lines, and exits at EOF of its stdin. */
class Program {
  readonly #child: Deno.ChildProcess;
  readonly #lines: ReadableStreamDefaultReader<string>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;

  constructor(module: string) {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        "run",
        "--quiet",
        "--no-config",
        "--no-lock",
        "--allow-net",
        "--allow-ffi",
        "--unstable-net",
        module,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    this.#lines = this.#child.stdout.pipeThrough(new TextDecoderStream())
      .pipeThrough(new TextLineStream()).getReader();
    this.#stdin = this.#child.stdin.getWriter();
  }

  async ask(question: Job): Promise<number[]> {
    await this.#stdin.write(new TextEncoder().encode(JSON.stringify(question) + "\n"));
    const answer = await this.answer<{ values: number[] } | { error: string }>();
    if ("error" in answer) throw new Error(`${question.job}: ${answer.error}`);
    return answer.values;
  }

  async answer<T>(): Promise<T> {
    const { value, done } = await this.#lines.read();
    if (done) throw new Error("a program of the benchmark has ended too soon");
    return JSON.parse(value);
  }

  /** Ends it, also amid a job that never comes to its end. */
  async close(): Promise<void> {
    await end(this.#child);
    await this.#stdin.abort().catch(() => {});
    await this.#lines.cancel();
  }
}

export class Endpoints {
  private constructor(
    readonly ports: Ports,
    private readonly server: Program,
    private readonly client: Program,
  ) {}

  static async start(): Promise<Endpoints> {
    const module = (name: string) => new URL(name, import.meta.url).href;
    const server = new Program(module("server.ts"));
    return new Endpoints(await server.answer<Ports>(), server, new Program(module("client.ts")));
  }

  /** Has the client run a job, and returns its numbers. Rejects if a byte is missing. */
  run(job: Job): Promise<number[]> {
    return this.client.ask(job);
  }

  async close(): Promise<void> {
    await this.client.close();
    await this.server.close();
  }
}
