/** A child and whatever it has started, as one thing to end: nothing of ours stays behind. */
import { sleep } from "../../core/time.ts";

/** What those that were told to end may take before they are killed, milliseconds. */
const PATIENCE = 2000;
/** The same when somebody waits for the program to end. */
const LAST_CALL = 1000;
const POLL = 10;

const running = new Set<ProcessGroup>();

/** Ends every child that still runs, for a program that is about to end itself. */
export async function terminateChildren(): Promise<void> {
  await Promise.all([...running].map((group) => group.end(LAST_CALL)));
}

// Whatever way the program ends, even at once.
globalThis.addEventListener("unload", () => {
  for (const group of running) group.kill("SIGKILL");
});

export class ProcessGroup {
  #exited = false;

  /** @param own Whether the child leads a group of its own (`detached`), or is alone. */
  constructor(private readonly leader: Deno.ChildProcess, private readonly own: boolean) {
    running.add(this);
    leader.status.then(() => this.#exited = true);
  }

  /** Sends a signal to all. */
  kill(signal: Deno.Signal): void {
    this.#signal(signal);
  }

  /** Tells all to end, and kills what hasn't ended in time. */
  async end(patience = PATIENCE): Promise<void> {
    const late = performance.now() + patience;
    this.kill("SIGTERM");
    while (this.#lives()) {
      if (performance.now() > late) return this.kill("SIGKILL");
      await sleep(POLL);
    }
  }

  /** Leaves alone what still runs. */
  release(): void {
    running.delete(this);
  }

  #lives(): boolean {
    return this.own ? this.#signal(0) : !this.#exited;
  }

  /** Whether there was anybody to signal; 0 only asks (POSIX.1-2024, `kill`). */
  #signal(signal: Deno.Signal | 0): boolean {
    try {
      if (this.own) Deno.kill(-this.leader.pid, signal);
      else if (!this.#exited) this.leader.kill(signal as Deno.Signal);
      return true;
    } catch {
      return false;
    }
  }
}
