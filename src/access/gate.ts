/** The gate at a listener: deny wins, allow opens, files are read again when they change. */
import { CoaxError, reasonOf, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { type Contains, entriesOf, parseList, type Resolve } from "./list.ts";

/** What the gate needs from outside. */
export interface Outside {
  readonly resolve: Resolve;
  /** A file's text, and when it was last changed, milliseconds. */
  read(path: string): { text: string; changed: number };
  changed(path: string): number;
  readonly log: Log;
}

/** A changed file is noticed within this time, milliseconds. */
const FRESH = 1000;

/** One option's entries; those with an `@` are files. */
class Entries {
  #contains: Contains = () => false;
  readonly #files = new Map<string, number>();
  #looked = performance.now();

  constructor(
    private readonly option: string,
    private readonly entries: readonly string[],
    private readonly outside: Outside,
  ) {}

  get given(): boolean {
    return this.entries.length > 0;
  }

  async load(): Promise<void> {
    const texts = this.entries.flatMap((entry) =>
      entry.startsWith("@") ? this.#read(entry) : entry
    );
    try {
      this.#contains = await parseList(texts, this.outside.resolve);
    } catch (error) {
      if (error instanceof CoaxError) throw error;
      throw new UsageError(this.option, reasonOf(error));
    }
  }

  #read(entry: string): string[] {
    const path = entry.slice(1);
    try {
      const { text, changed } = this.outside.read(path);
      this.#files.set(path, changed);
      return entriesOf(text);
    } catch (error) {
      throw new UsageError(`${this.option} ${entry}`, `can't be read: ${reasonOf(error)}`);
    }
  }

  contains(ip: string): boolean {
    this.#refresh();
    return this.#contains(ip);
  }

  /** Reads changed files again; a list that has become bad is told, and the last good one stays. */
  #refresh(): void {
    if (this.#files.size === 0 || performance.now() - this.#looked < FRESH) return;
    this.#looked = performance.now();
    const { changed, log } = this.outside;
    try {
      if ([...this.#files].every(([path, time]) => changed(path) === time)) return;
    } catch {
      // Gone or unreadable: loading says so.
    }
    this.load().then(
      () => log.info("reloaded", `${this.option}: the list has been read again`),
      (error) => log.error("reload-failed", `${reasonOf(error)}; the list stays as it was`),
    );
  }
}

/** Says why a peer isn't let in, or nothing. */
export type Admit = (peer: string) => string | undefined;

/**
 * The gate for `--allow` and `--deny`; undefined where neither is given. Peers without an IP address
 * (Unix sockets have permissions instead) always come in. Rejects with a `UsageError`.
 */
export async function openGate(
  allow: readonly string[],
  deny: readonly string[],
  outside: Outside,
): Promise<Admit> {
  const allowed = new Entries("--allow", allow, outside);
  const denied = new Entries("--deny", deny, outside);
  await Promise.all([allowed.load(), denied.load()]);
  return (peer) => {
    const ip = ipOf(peer);
    if (ip === undefined) return undefined;
    if (denied.contains(ip)) return "--deny lists it";
    if (allowed.given && !allowed.contains(ip)) return "--allow doesn't list it";
    return undefined;
  };
}

/** The address of `1.2.3.4:5` or `[::1]:5`. */
function ipOf(peer: string): string | undefined {
  const [, six, four] = /^(?:\[([^\]]+)\]|(\d[\d.]*)):\d+$/.exec(peer) ?? [];
  return six ?? four;
}
