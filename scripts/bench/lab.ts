/** Processes, ports and files of an experiment, which are stopped and removed with the lab. */
import { Endpoints } from "./endpoints.ts";
import { end } from "./program.ts";

/** Time for a program to listen, milliseconds. */
const START_LIMIT = 30_000;
/** Time between two looks whether it does, milliseconds. */
const LOOK = 10;

export class Lab implements AsyncDisposable {
  readonly #children: Deno.ChildProcess[] = [];
  readonly #closers: (() => Promise<void>)[] = [];
  #endpoints: Promise<Endpoints> | undefined;

  private constructor(
    /** The compiled coax that is measured. */
    readonly coax: string,
    /** Whether runs are short, for a quick look instead of a measurement. */
    readonly quick: boolean,
    /** A temporary folder, removed with the lab. */
    readonly folder: string,
  ) {}

  static async open(coax: string, quick: boolean): Promise<Lab> {
    return new Lab(coax, quick, await Deno.makeTempDir({ prefix: "coax-bench-" }));
  }

  /** Client and server around every contender; the same for all. */
  endpoints(): Promise<Endpoints> {
    return this.#endpoints ??= Endpoints.start().then((endpoints) => {
      this.#closers.push(() => endpoints.close());
      return endpoints;
    });
  }

  /**
   * Starts a program and resolves with its process id once something listens on `port`: with this
   * program as many as `listeners`, where several share it.
   */
  async start(
    command: string,
    args: readonly string[],
    port: number,
    listeners = 1,
  ): Promise<number> {
    const child = this.#spawn(command, args);
    // Said only if it doesn't start: later on programs tell of connections that a run has cut off.
    const said = new Response(child.stderr).text();
    let code: number | undefined;
    child.status.then((status) => code = status.code);
    for (const deadline = performance.now() + START_LIMIT; performance.now() < deadline;) {
      if (await listenersOn(port) >= listeners) return child.pid;
      if (code !== undefined) {
        const line = `${command} ${args.join(" ")}: exited with ${code} before it listened`;
        throw new Error(`${line}: ${(await said).trim()}`);
      }
      await new Promise((resolve) => setTimeout(resolve, LOOK));
    }
    throw new Error(`${command}: nothing listens on port ${port} after ${START_LIMIT} ms`);
  }

  /** Starts a program without connecting to it, and returns its process id. */
  launch(command: string, args: readonly string[]): number {
    return this.#spawn(command, args, "inherit").pid;
  }

  #spawn(
    command: string,
    args: readonly string[],
    stderr: "piped" | "inherit" = "piped",
  ): Deno.ChildProcess {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr,
    }).spawn();
    this.#children.push(child);
    return child;
  }

  /** Kills a program that the lab has started, unless it has exited. */
  async stop(pid: number): Promise<void> {
    const index = this.#children.findIndex((child) => child.pid === pid);
    const [child] = this.#children.splice(index, 1);
    await end(child!);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers) await close();
    for (const child of this.#children) await end(child);
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

/** A socket's state in `/proc/net/tcp` (proc(5)): it listens. */
const LISTENING = "0A";

/**
 * Counts listeners without a connection to them: what serves one client after the other would take
 * that for its client, and a relay would connect to a target that isn't up yet.
 */
async function listenersOn(port: number): Promise<number> {
  const place = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  let count = 0;
  for (const table of ["tcp", "tcp6"]) {
    const lines = (await Deno.readTextFile(`/proc/net/${table}`).catch(() => "")).split("\n");
    const columns = lines.map((line) => line.trim().split(/\s+/));
    count += columns.filter(([, own, , state]) =>
      own?.endsWith(place) && state === LISTENING
    ).length;
  }
  return count;
}
