/** Process groups of children: a child is signalled together with the processes it has started. */
import { sleep } from "../../core/time.ts";
import { platform } from "../../platform/platform.ts";
import { runningGroups } from "../proc.ts";

/** Milliseconds between SIGTERM and SIGKILL. */
const TERM_TIMEOUT = 2000;
/** The same when the program exits. */
const EXIT_TERM_TIMEOUT = 1000;
const POLL = 10;
/** Milliseconds between two looks at all processes of the system. */
const LOOK_INTERVAL = 100;

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
    let lookAt = performance.now() + LOOK_INTERVAL;
    this.kill("SIGTERM");
    while (this.#isRunning()) {
      const now = performance.now();
      // Zombies stay where nobody reaps orphans; a process that was started just now is unseen.
      const isOver = now > lookAt && !this.#isSeen();
      if (isOver || now > killAt) return this.kill("SIGKILL");
      if (now > lookAt) lookAt = now + LOOK_INTERVAL;
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

  /** Whether a process of the group runs, or may run. */
  #isSeen(): boolean {
    const groups = this.isGroup ? latestGroups() : undefined;
    return groups?.has(this.leader.pid) ?? true;
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

let latest: { readonly groups: Set<number> | undefined; readonly at: number } | undefined;

/** Process groups that run, one look for all who ask within a while. */
function latestGroups(): Set<number> | undefined {
  const now = performance.now();
  if (!latest || now - latest.at > LOOK_INTERVAL) latest = { groups: runningGroups(), at: now };
  return latest.groups;
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
