/** Processes, ports and files of an experiment, which are stopped and removed with the lab. */
import { Endpoints } from "./endpoints.ts";

/** Time for a program to listen, milliseconds. */
const START_LIMIT = 10_000;

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

  /** Starts a program and resolves once something accepts connections on `port`. */
  async start(command: string, args: readonly string[], port: number): Promise<void> {
    const child = this.#spawn(command, args);
    const exited = child.status.then(({ code }) => {
      throw new Error(`${command} ${args.join(" ")}: exited with ${code} before it listened`);
    });
    exited.catch(() => {}); // Killed with the lab, long after it listened.
    await Promise.race([exited, accepts(port)]);
  }

  /** Starts a program without connecting to it, and returns its process id. */
  launch(command: string, args: readonly string[]): number {
    return this.#spawn(command, args).pid;
  }

  #spawn(command: string, args: readonly string[]): Deno.ChildProcess {
    const child = new Deno.Command(command, {
      args: [...args],
      stdin: "null",
      stdout: "null",
      stderr: "inherit",
    }).spawn();
    this.#children.push(child);
    return child;
  }

  /** Kills a program that `launch` has started. */
  async stop(pid: number): Promise<void> {
    const index = this.#children.findIndex((child) => child.pid === pid);
    const [child] = this.#children.splice(index, 1);
    child!.kill("SIGKILL");
    await child!.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const close of this.#closers) await close();
    for (const child of this.#children) {
      try {
        child.kill("SIGKILL");
      } catch {
        // It has exited.
      }
      await child.status;
    }
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A port that nobody listens on. */
export function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function accepts(port: number): Promise<void> {
  for (const deadline = performance.now() + START_LIMIT; performance.now() < deadline;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
  throw new Error(`nothing listens on port ${port} after ${START_LIMIT} ms`);
}
