/** Signals that whoever started us wants ignored (`nohup`). */
import { libc } from "../libc.ts";

/** With their numbers (POSIX.1-2024, `kill`). */
const NUMBERS = { SIGHUP: 1, SIGQUIT: 3 } as const;
type Ignorable = keyof typeof NUMBERS;

/** `SIG_IGN`, which `struct sigaction` begins with, on Linux and macOS. */
const IGNORED = 1n;
/** 64-bit words that have room for a `struct sigaction`. */
const ROOM = 32;

let known: ReadonlySet<Ignorable> | undefined;

/**
 * The signals that were ignored when the program started, where that can be had. To be asked before
 * any signal gets a handler: with the first one the runtime handles SIGHUP as well.
 */
export function ignoredAtStart(): ReadonlySet<Ignorable> {
  return known ??= new Set((Object.keys(NUMBERS) as Ignorable[]).filter(isIgnored));
}

function isIgnored(name: Ignorable): boolean {
  const action = new BigUint64Array(ROOM);
  return libc()?.sigaction(NUMBERS[name], null, action) === 0 && action[0] === IGNORED;
}
