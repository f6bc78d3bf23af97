/**
 * Runs the program as a process: `COAX_BIN` where it is set, else `main.ts` from source. Every wait
 * has a hard deadline, and disposing kills the process and closes its pipes.
 */
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { concat } from "../../src/core/bytes.ts";
import { withTimeout } from "../../src/core/time.ts";
import { DEADLINE } from "../support/wait.ts";

export { DEADLINE };

const ROOT = new URL("../../", import.meta.url);

/** The words that start coax; arguments follow. */
export const COAX: readonly string[] = coaxWords();

function coaxWords(): string[] {
  const bin = Deno.env.get("COAX_BIN");
  if (bin) return [resolve(fileURLToPath(ROOT), bin)];
  const path = (name: string) => fileURLToPath(new URL(name, ROOT));
  const config = ["--config", path("deno.json")];
  return [Deno.execPath(), "run", "-q", "-P", "--no-prompt", ...config, path("main.ts")];
}

/** Where stdin comes from. Text and bytes are followed by EOF; `pipe` stays open. */
export type Stdin = string | Uint8Array | { kind: "pipe" | "null" | "closed" } | { file: string };

export interface StartOptions {
  /** The null device by default. */
  stdin?: Stdin;
  /** Where stdout goes instead of a pipe: `/dev/full`, a file. */
  stdout?: string;
  env?: Record<string, string>;
  /** Starts from an empty environment (`env -i`). */
  clearEnv?: boolean;
  cwd?: string;
  /** Words before coax: `prlimit`, `strace`. */
  before?: readonly string[];
}

/** How a process exited, and its output. */
export interface Exit {
  /** Exit status; a process that a signal killed has 128 + its number. */
  status: number;
  stdout: Uint8Array;
  /** stdout as text. */
  out: string;
  stderr: string;
}

export const PIPE = { kind: "pipe" } as const;
export const NULL = { kind: "null" } as const;
export const CLOSED = { kind: "closed" } as const;

/** Text that arrives in pieces; a test can wait for some of it. */
class Transcript {
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #changed = Promise.withResolvers<void>();
  #ended = false;
  readonly finished: Promise<void>;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;

  constructor(stream: ReadableStream<Uint8Array>, readonly name: string) {
    this.#reader = stream.getReader();
    this.finished = this.#collect();
  }

  get bytes(): Uint8Array {
    return concat(this.#chunks);
  }
  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }
  get size(): number {
    return this.#size;
  }

  async #collect(): Promise<void> {
    for (;;) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      this.#chunks.push(value);
      this.#size += value.length;
      this.#notify();
    }
    this.#ended = true;
    this.#notify();
  }

  #notify(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  /** Stops reading: the writer gets EPIPE. */
  stop(): Promise<void> {
    return this.#reader.cancel();
  }

  async until<T>(find: (from: this) => T | undefined, what: string, ms: number): Promise<T> {
    const had = () => `${this.name} had ${this.#size} bytes\n${this.text.slice(-2000)}`;
    const look = async () => {
      for (;;) {
        const found = find(this);
        if (found !== undefined) return found;
        if (this.#ended) throw new Error(`${what}: not before the end; ${had()}`);
        await this.#changed.promise;
      }
    };
    return await withTimeout(look(), ms, () => new Error(`${what}: not within ${ms} ms; ${had()}`));
  }
}

/** A running process; `await using` kills it. */
export class Coax implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array> | undefined;
  readonly #stdout: Transcript;
  readonly #stderr: Transcript;
  #running = true;

  private constructor(process: Deno.ChildProcess, piped: boolean) {
    this.#process = process;
    this.#stdin = piped ? process.stdin.getWriter() : undefined;
    this.#stdout = new Transcript(process.stdout, "stdout");
    this.#stderr = new Transcript(process.stderr, "stderr");
    process.status.then(() => this.#running = false);
  }

  /** Starts coax with these arguments. */
  static start(args: readonly string[], options: StartOptions = {}): Coax {
    return Coax.spawn([...COAX, ...args], options);
  }

  /** Starts any other program, watched and killed the same way. */
  static spawn(words: readonly string[], options: StartOptions = {}): Coax {
    const { stdin = NULL, env, clearEnv, cwd } = options;
    const feed = typeof stdin === "string" || stdin instanceof Uint8Array;
    const piped = feed || ("kind" in stdin && stdin.kind === "pipe");
    const [command, ...args] = redirected([...options.before ?? [], ...words], options);
    const process = new Deno.Command(command!, {
      args,
      env,
      clearEnv,
      cwd,
      stdin: piped ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    const coax = new Coax(process, piped);
    if (feed) coax.write(stdin).then(() => coax.end()).catch(() => {}); // It may exit early.
    return coax;
  }

  get pid(): number {
    return this.#process.pid;
  }
  /** Whether it is still running. */
  get running(): boolean {
    return this.#running;
  }
  /** stdout so far, as text. */
  get out(): string {
    return this.#stdout.text;
  }
  /** stderr so far. */
  get stderr(): string {
    return this.#stderr.text;
  }

  /** Writes to stdin; rejects once the process has closed it. */
  async write(data: string | Uint8Array): Promise<void> {
    await this.#stdin!.write(typeof data === "string" ? new TextEncoder().encode(data) : data);
  }

  /** Closes stdin. */
  async end(): Promise<void> {
    await this.#stdin?.close().catch(() => {});
  }

  /** The first `count` addresses that it listens on. */
  async listening(count = 1, ms = DEADLINE): Promise<string[]> {
    return await this.#stderr.until(
      ({ text }) => {
        const found = [...text.matchAll(/^listening on (.*)\n/gm)].map((match) => match[1]!);
        return found.length >= count ? found.slice(0, count) : undefined;
      },
      "listening",
      ms,
    );
  }

  /** The first address that it listens on. */
  async address(ms = DEADLINE): Promise<string> {
    return (await this.listening(1, ms))[0]!;
  }

  /** Waits until stderr matches. */
  async logs(pattern: RegExp, ms = DEADLINE): Promise<RegExpExecArray> {
    return await this.#stderr.until(
      ({ text }) => pattern.exec(text) ?? undefined,
      `${pattern}`,
      ms,
    );
  }

  /** Waits until stdout matches. */
  async prints(pattern: RegExp, ms = DEADLINE): Promise<RegExpExecArray> {
    return await this.#stdout.until(
      ({ text }) => pattern.exec(text) ?? undefined,
      `${pattern}`,
      ms,
    );
  }

  /** Waits until stdout has `size` bytes. */
  async printsBytes(size: number, ms = DEADLINE): Promise<void> {
    await this.#stdout.until((o) => o.size >= size || undefined, `${size} bytes`, ms);
  }

  /** Closes the pipe that stdout goes to, as `| head -c1` does. */
  async stopReading(): Promise<void> {
    await this.#stdout.stop();
  }

  /** Sends a signal to this process alone. */
  signal(signal: Deno.Signal): void {
    this.#process.kill(signal);
  }

  /** Waits until the process has exited, and all its output was read. */
  async exit(ms = DEADLINE): Promise<Exit> {
    const over = Promise.all([
      this.#process.status,
      this.#stdout.finished,
      this.#stderr.finished,
    ]);
    const [status] = await withTimeout(
      over,
      ms,
      () => new Error(`still running after ${ms} ms; stderr had\n${this.stderr}`),
    );
    const { bytes, text } = this.#stdout;
    return { status: status.code, stdout: bytes, out: text, stderr: this.stderr };
  }

  /**
   * `exit`, repeating `more` until then: the first write to a closed pipe or socket doesn't fail.
   */
  async exitWhile(more: () => Promise<void>, ms = DEADLINE): Promise<Exit> {
    const exit = this.exit(ms);
    while (this.#running) {
      await Promise.race([exit, more().catch(() => {})]);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return await exit;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#running) {
      try {
        this.#process.kill("SIGKILL");
      } catch {
        // It has just exited by itself.
      }
    }
    await this.#stdin?.abort().catch(() => {});
    await this.#process.status;
    // A child may still hold the pipes.
    await Promise.all([this.#stdout.stop(), this.#stderr.stop()]);
  }
}

/** Redirections that `Deno.Command` can't make, by a shell that then executes the program. */
function redirected(words: readonly string[], { stdin, stdout }: StartOptions): readonly string[] {
  const input = stdin && typeof stdin === "object" && "file" in stdin
    ? `<${quote(stdin.file)}`
    : stdin === CLOSED
    ? "<&-"
    : "";
  const output = stdout ? `>${quote(stdout)}` : "";
  if (!input && !output) return words;
  return ["sh", "-c", `exec "$@" ${input} ${output}`, "sh", ...words];
}

/** Quotes a word for a shell. */
export function quote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}

/** A shell line that runs coax with these arguments. */
export function shellLine(args: readonly string[]): string {
  return [...COAX, ...args].map(quote).join(" ");
}

/** Runs coax until it exits. */
export async function run(args: readonly string[], options: StartOptions = {}): Promise<Exit> {
  await using coax = Coax.start(args, options);
  return await coax.exit();
}

/** A directory that is removed after the test. */
export async function temporary(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir({ prefix: "coax-" });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}
