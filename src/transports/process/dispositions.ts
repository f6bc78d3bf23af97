/** Finds the signals that were ignored when this process started (`nohup`). */
import { libc } from "../libc.ts";

/** Numbers of signals (POSIX.1-2024, `kill`; the last one as Linux and macOS have it). */
const SIGNAL_NUMBERS = { SIGHUP: 1, SIGQUIT: 3, SIGXFSZ: 25 } as const;
type Ignorable = keyof typeof SIGNAL_NUMBERS;

/** The handler of an ignored signal: the first word of `struct sigaction` on Linux and macOS. */
const SIG_IGN = 1n;
/** 64-bit words that hold a `struct sigaction`. */
const SIGACTION_WORDS = 32;

let ignored: ReadonlySet<Ignorable> | undefined;

/**
 * The signals that were ignored when the program started; none without libc. Call it before any
 * signal gets a handler: with the first one the runtime handles SIGHUP as well.
 */
export function ignoredAtStart(): ReadonlySet<Ignorable> {
  return ignored ??= new Set((Object.keys(SIGNAL_NUMBERS) as Ignorable[]).filter(isIgnored));
}

function isIgnored(name: Ignorable): boolean {
  const action = new BigUint64Array(SIGACTION_WORDS);
  return libc()?.sigaction(SIGNAL_NUMBERS[name], null, action) === 0 && action[0] === SIG_IGN;
}
