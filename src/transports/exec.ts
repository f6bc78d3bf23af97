/** Child processes: stdin and stdout of a command are the connection. */
import type { Duplex } from "../core/duplex.ts";
import {
  BrokenError,
  EnoughError,
  type InterruptedError,
  UnavailableError,
} from "../core/errors.ts";
import { sleep, within } from "../core/time.ts";
import { broken, reasonOfSystem } from "./failure.ts";
import type { DialOptions } from "./options.ts";

/** What a child that was told to end may take before it is told again, milliseconds. */
const PATIENCE = 2000;
/** A child that has closed its stdout is about to exit; its status is worth this long a wait. */
const STATUS_WAIT = 100;

/** Starts `words` without a shell. */
export function spawnWords(
  address: { words: readonly string[]; text: string },
  options: DialOptions,
): Duplex {
  const [command, ...args] = address.words;
  return spawn(command!, args, address.text, options, false);
}

/** Starts a shell for `line`; what it starts is in a process group of its own, to end with it. */
export function spawnShell(
  address: { line: string; text: string },
  options: DialOptions,
): Duplex {
  const windows = Deno.build.os === "windows";
  return windows
    ? spawn("cmd", ["/d", "/c", address.line], address.text, options, false)
    : spawn("sh", ["-c", address.line], address.text, options, true);
}

function spawn(
  command: string,
  args: string[],
  text: string,
  { log, child }: DialOptions,
  detached: boolean,
): Duplex {
  log.debug("spawn", `spawn ${text}`, { address: text });
  try {
    const process = new Deno.Command(command, {
      args,
      detached,
      stdin: "piped",
      stdout: "piped",
      stderr: "inherit",
      env: child && {
        COAX_PEER: child.peer,
        COAX_LOCAL: child.local,
        COAX_ID: String(child.id),
      },
    }).spawn();
    return new Child(process, text, detached);
  } catch (error) {
    throw new UnavailableError("spawn", text, whyNot(error as Error), { cause: error });
  }
}

/** In a shell's words: the runtime's call a command an entity, and repeat it. */
function whyNot(error: Error): string {
  if (error instanceof Deno.errors.NotFound) return "command not found";
  return reasonOfSystem(new Error(error.message.replace(/^failed to spawn '.*': /i, "")));
}

/**
 * Runs `words` in our place: its stdin, stdout and stderr are ours, signals are passed on to it,
 * and its status is ours. Rejects with an `UnavailableError`.
 */
export async function runInPlace(words: readonly string[], stop: AbortSignal): Promise<number> {
  const [command, ...args] = words;
  try {
    const child = new Deno.Command(command!, { args, stdin: "inherit" }).spawn();
    // A signal that ends us at once isn't passed on: nothing of ours may stay behind.
    const orphan = { kill: () => child.kill("SIGKILL") };
    running.add(orphan);
    child.status.then(() => running.delete(orphan));
    const pass = () => {
      try {
        child.kill((stop.reason as InterruptedError).signal);
      } catch {
        // It has just ended by itself.
      }
    };
    stop.addEventListener("abort", pass, { once: true });
    const { code } = await child.status;
    stop.removeEventListener("abort", pass);
    return code;
  } catch (error) {
    throw new UnavailableError("run", words.join(" "), whyNot(error as Error), { cause: error });
  }
}

/** Children that run; a signal may end the program before their connections have been closed. */
const running = new Set<{ kill(signal: "SIGTERM"): void }>();
globalThis.addEventListener("unload", () => {
  for (const child of running) child.kill("SIGTERM");
});

class Child implements Duplex {
  readonly framing = "stream";
  readonly halfClose = true;
  readonly peer: string;
  readonly closed: Promise<Error | void>;
  readonly #stdin: WritableStreamDefaultWriter<Uint8Array>;
  readonly #stdout: ReadableStreamDefaultReader<Uint8Array>;
  readonly #settle: PromiseWithResolvers<Error | void>;
  #rest: Uint8Array = new Uint8Array();
  #done = false;
  /** The end of its stdout has been read: whatever runs on has let go of the connection. */
  #drained = false;
  /** Resolves when there is nothing more to read, because of that or of a close. */
  readonly #silent = Promise.withResolvers<void>();
  #reason: Error | undefined;

  constructor(
    private readonly process: Deno.ChildProcess,
    text: string,
    private readonly group: boolean,
  ) {
    this.peer = text;
    this.#stdin = process.stdin.getWriter();
    this.#stdout = process.stdout.getReader();
    this.#settle = Promise.withResolvers();
    this.closed = this.#settle.promise;
    this.closed.catch(() => {}); // Whoever cares awaits it.
    running.add(this);
    process.status.then(() => running.delete(this));
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    try {
      while (this.#rest.length === 0) {
        const { value, done } = await this.#stdout.read();
        if (done) {
          this.#drained = true;
          this.#silent.resolve();
          return await this.#ended();
        }
        this.#rest = value;
      }
    } catch (error) {
      if (!this.#done) throw broken("receive from", this.peer, error);
      if (this.#reason) throw this.#reason;
      return null;
    }
    const count = Math.min(buffer.length, this.#rest.length);
    buffer.set(this.#rest.subarray(0, count));
    this.#rest = this.#rest.subarray(count);
    return count;
  }

  /** The child's stdout is at its end; if the child is too, its status is part of that. */
  async #ended(): Promise<null> {
    const status = await within(
      this.process.status,
      STATUS_WAIT,
      () => new Error("still running"),
    ).catch(() => undefined);
    if (status && !this.#done) this.#judge(status);
    if (this.#reason) throw this.#reason;
    return null;
  }

  #judge(status: Deno.CommandStatus): void {
    if (status.success) return;
    const how = status.signal ? `was ended by ${status.signal}` : `exited with ${status.code}`;
    throw new BrokenError("run", this.peer, `the command ${how}`);
  }

  async write(bytes: Uint8Array): Promise<void> {
    try {
      await this.#stdin.write(bytes);
      await this.#stdin.ready; // The runtime tells a failed write only here.
    } catch (error) {
      // Like `head`, it may have closed its stdin and still have an answer to give.
      const status = await this.process.status;
      await within(this.#silent.promise, PATIENCE, () => new Error("unread")).catch(() => {});
      if (this.#reason) throw this.#reason;
      this.#judge(status);
      throw new EnoughError(this.peer, { cause: error });
    }
  }

  async closeWrite(): Promise<void> {
    // A child that has exited has closed it for us.
    await this.#stdin.close().catch(() => {});
  }

  close(reason?: Error): void {
    if (this.#done) return;
    this.#done = true;
    this.#reason = reason;
    this.#silent.resolve();
    this.#finish(reason).then(() => this.#settle.resolve(reason), this.#settle.reject);
  }

  /** Waits for the child, and ends it if it doesn't end by itself: at once where things broke. */
  async #finish(reason: Error | undefined): Promise<void> {
    this.#stdin.close().catch(() => {});
    this.#stdout.cancel().catch(() => {});
    const waits = reason ? [0, PATIENCE] : [PATIENCE, PATIENCE];
    for (const [i, signal] of (["SIGTERM", "SIGKILL"] as const).entries()) {
      const settled = await this.#exitWithin(waits[i]!);
      if (settled) {
        if (this.group && !this.#drained) this.kill("SIGTERM"); // Others may hold the pipe.
        if (i === 0 && !reason) this.#judge(settled);
        return;
      }
      this.kill(signal);
    }
    await this.process.status;
  }

  async #exitWithin(ms: number): Promise<Deno.CommandStatus | undefined> {
    const cancel = new AbortController();
    const timer = sleep(ms, cancel.signal).catch(() => {});
    const status = await Promise.race([this.process.status, timer]);
    cancel.abort();
    return status ?? undefined;
  }

  /** Ends the child, and where it is a shell what it has started. */
  kill(signal: "SIGTERM" | "SIGKILL"): void {
    try {
      if (this.group) Deno.kill(-this.process.pid, signal);
      else this.process.kill(signal);
    } catch {
      // It has just ended by itself.
    }
  }
}
