/** The signals that concern who draws on a terminal. */
import { sleep } from "../core/time.ts";
import { platform } from "../platform/platform.ts";
import { type Libc, libc } from "./libc.ts";
import { restoreTerminal } from "./terminal.ts";

/** What a terminal's signals ask for. */
interface TerminalSignals {
  /** It has another size. */
  resized(): void;
  /** The program has to stop (Ctrl-Z), and does when this has resolved. */
  suspend(): Promise<void>;
  /** The program runs again. */
  resumed(): void;
}

/** Signals that end a program at once unless it handles them, and that no runtime fault raises. */
const DEADLY = [
  "SIGABRT",
  "SIGALRM",
  "SIGPROF",
  "SIGUSR1",
  "SIGUSR2",
  "SIGVTALRM",
  "SIGXCPU",
] as const;

/** The default action of a signal (SIG_DFL). */
const DEFAULT_ACTION = 0n;
/** 64-bit words that hold a `struct sigaction`. */
const SIGACTION_WORDS = 32;
/** A process that has asked to be stopped is, within this time, milliseconds. */
const STOP_TIME = 20;

/**
 * Reports a terminal's signals until the end of the program. A signal that ends it finds the
 * terminal restored.
 */
export function handleTerminalSignals(handler: TerminalSignals): void {
  if (!platform().terminalSignals) return;
  Deno.addSignalListener("SIGWINCH", handler.resized);
  let suspending = false;
  Deno.addSignalListener("SIGCONT", () => {
    if (!suspending) handler.resumed();
  });
  const calls = libc();
  if (!calls) return; // The defaults stop and end it, and leave the terminal as it is then.
  // deno-lint-ignore no-process-global -- an import would load Node's modules at every start
  const numbers = process.getBuiltinModule("node:os").constants.signals;
  Deno.addSignalListener("SIGTSTP", async () => {
    if (suspending) return;
    suspending = true;
    await handler.suspend();
    await stopAs(numbers.SIGTSTP, calls);
    suspending = false;
    handler.resumed();
  });
  for (const signal of DEADLY) {
    Deno.addSignalListener(signal, () => {
      restoreTerminal();
      const number = numbers[signal];
      calls.signal(number, DEFAULT_ACTION);
      calls.kill(Deno.pid, number);
    });
  }
}

/**
 * Stops this process as the signal does by itself, and resolves when it goes on. It isn't stopped
 * where no shell could let it go on (an orphaned process group; POSIX.1-2024, 2.4.3).
 */
async function stopAs(signal: number, calls: Libc): Promise<void> {
  const handled = new BigUint64Array(SIGACTION_WORDS);
  calls.sigaction(signal, null, handled);
  calls.signal(signal, DEFAULT_ACTION);
  calls.kill(Deno.pid, signal);
  await sleep(STOP_TIME); // Another thread may take the signal, a moment later.
  calls.setAction(signal, handled, null);
}
