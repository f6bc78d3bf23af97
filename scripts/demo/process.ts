/** A coax process, run from source: its streams, its log events, and its status. */
import { TextLineStream } from "@std/streams";

const ROOT = new URL("../../", import.meta.url);

/** The fields of an event of `--log-format json` that the demo uses. */
export interface LogEvent {
  readonly event: string;
  readonly message: string;
  readonly address?: string;
}

export class Coax {
  readonly stdin: WritableStream<Uint8Array>;
  readonly stdout: ReadableStream<Uint8Array>;
  readonly #process: Deno.ChildProcess;
  readonly #log: Promise<void>;
  readonly #events: LogEvent[] = [];
  /** The number of events that have been waited for, and of those that `newEvents` returned. */
  #seen = 0;
  #shown = 0;
  /** The last line on stderr; of a crash, the first. */
  #lastLine = "it logged nothing";
  #crashed = false;
  #exited = false;
  #changed = Promise.withResolvers<void>();

  /** @param name What messages call it. */
  constructor(readonly name: string, args: readonly string[]) {
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--permission-set", "--no-prompt", "--config"]
        .concat([fileOf("deno.json"), fileOf("main.ts"), ...args, "--log-format", "json"]),
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.stdin = this.#process.stdin;
    this.stdout = this.#process.stdout;
    this.#log = this.#follow(this.#process.stderr);
  }

  async #follow(stderr: ReadableStream<Uint8Array>): Promise<void> {
    const decoded = stderr.pipeThrough(new TextDecoderStream() as TransformStream);
    for await (const line of decoded.pipeThrough(new TextLineStream())) {
      if (line.startsWith("{")) this.#add(JSON.parse(line));
      else if (!this.#crashed) this.#lastLine = line;
      this.#crashed ||= !line.startsWith("{");
    }
    this.#exited = true;
    this.#notify();
  }

  #add(event: LogEvent): void {
    this.#events.push(event);
    this.#lastLine = event.message;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** The next event of this name. Rejects if the process ends without it. */
  async event(name: string): Promise<LogEvent> {
    for (;;) {
      const found = this.#events.findIndex((one, at) => at >= this.#seen && one.event === name);
      if (found >= 0) {
        this.#seen = found + 1;
        return this.#events[found]!;
      }
      if (this.#exited) throw new Error(`${this.name} ended without "${name}": ${this.#lastLine}`);
      await this.#changed.promise;
    }
  }

  /** The events up to the last that was waited for, without those returned before. */
  newEvents(): LogEvent[] {
    const events = this.#events.slice(this.#shown, this.#seen);
    this.#shown = this.#seen;
    return events;
  }

  /** Waits for the process to exit. Rejects unless the status is 0. */
  async finish(): Promise<void> {
    const { code } = await this.#process.status;
    await this.#log;
    if (code !== 0) throw new Error(`${this.name} ended with status ${code}: ${this.#lastLine}`);
  }

  /** Kills the process, if it is still running. */
  async kill(): Promise<void> {
    try {
      this.#process.kill("SIGKILL");
    } catch {
      // It has exited.
    }
    await this.#process.status;
  }
}

function fileOf(name: string): string {
  const { pathname } = new URL(name, ROOT);
  return decodeURIComponent(Deno.build.os === "windows" ? pathname.slice(1) : pathname);
}
