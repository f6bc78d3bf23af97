/** Process groups of children: a child is signalled together with the processes it has started. */
import { sleep } from "../../core/time.ts";
import { platform } from "../../platform/platform.ts";

/** Milliseconds between SIGTERM and SIGKILL. */
const TERM_TIMEOUT = 2000;
/** The same when the program exits. */
const EXIT_TERM_TIMEOUT = 1000;
const POLL = 10;

const running = new Set<ProcessGroup>();

/** Terminates every child that still runs, before the program exits. */
export async function terminateChildren(): Promise<void> {
  await Promise.all([...running].map((group) => group.terminate(EXIT_TERM_TIMEOUT)));
}

// Runs however the program exits.
globalThis.addEventListener("unload", () => {
  for (const group of running) group.kill("SIGKILL");
});

export class ProcessGroup {
  #exited = false;

  /** @param isGroup Whether the child leads a group of its own (`detached`), or is alone. */
  constructor(private readonly leader: Deno.ChildProcess, private readonly isGroup: boolean) {
    running.add(this);
    leader.status.then(() => this.#exited = true);
  }

  /** Sends a signal to every process of the group. */
  kill(signal: Deno.Signal): void {
    this.#signal(signal);
  }

  /** Sends SIGTERM, and SIGKILL to processes that still run after `timeout` milliseconds. */
  async terminate(timeout = TERM_TIMEOUT): Promise<void> {
    const killAt = performance.now() + timeout;
    this.kill("SIGTERM");
    while (this.#isRunning()) {
      if (performance.now() > killAt) return this.kill("SIGKILL");
      await sleep(POLL);
    }
  }

  /** Forgets the group: processes that still run are left alone at exit. */
  release(): void {
    running.delete(this);
  }

  #isRunning(): boolean {
    return this.isGroup ? this.#signal(0) : !this.#exited;
  }

  /** Signals, or only checks with 0 (POSIX.1-2024, `kill`): whether any process was there. */
  #signal(signal: Deno.Signal | 0): boolean {
    try {
      if (this.isGroup) Deno.kill(-this.leader.pid, signal);
      else if (!this.#exited) this.#kill(signal as Deno.Signal);
      return true;
    } catch {
      return false;
    }
  }

  /** Signals the child alone; without process groups, ends it and what it has started. */
  #kill(signal: Deno.Signal): void {
    if (!platform().processGroups && endTree(this.leader.pid)) return;
    this.leader.kill(signal);
  }
}

/** Ends a process and those that it has started, as Windows can. Returns whether it has. */
function endTree(pid: number): boolean {
  const args = ["/t", "/f", "/pid", String(pid)];
  try {
    const taskkill = new Deno.Command("taskkill", { args, stdout: "null", stderr: "null" });
    return taskkill.outputSync().success;
  } catch {
    return false; // It isn't on PATH.
  }
}
