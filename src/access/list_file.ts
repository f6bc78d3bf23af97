/** A list in a file that may change at any time: the last valid one counts. */
import { CoaxError, reasonOf, ResolveError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { entriesOf, parseList, type Resolve } from "./list.ts";
import { RangeSet } from "./ranges.ts";

/** A file's status, by which a change shows without reading the file. */
export interface FileStamp {
  /** Differs after any change that the status shows. */
  readonly id: string;
  /** So new that another change could leave `id` the same: file systems have coarse clocks. */
  readonly recent: boolean;
}

/** Functions of the system, injected for tests. */
export interface HostFunctions {
  readonly resolve: Resolve;
  /** Reads a file's text. */
  read(path: string): Promise<string>;
  /** The stamp of a file; undefined for a FIFO, which can be read only once. Rejects as `read`. */
  stamp(path: string): Promise<FileStamp | undefined>;
  /** Calls `check` at least twice a second. */
  poll(check: () => Promise<void>): void;
  readonly log: Log;
}

/** The ranges of one `@FILE`, as they are now. */
export class ListFile {
  ranges = new RangeSet();
  readonly #name: string;
  /** The stamp of what was read; undefined if it has to be read again. */
  #stamp: string | undefined;
  /** The text that was read, while its stamp is recent. */
  #text: string | undefined;
  /** The last error that was logged, until a reload. */
  #loggedError: string | undefined;
  #checking = false;

  constructor(
    option: string,
    private readonly path: string,
    private readonly host: HostFunctions,
  ) {
    this.#name = `${option} @${path}`;
  }

  /** Reads it for the first time. Rejects with a `UsageError` that names option and file. */
  async load(): Promise<void> {
    const stamp = await this.#withName(this.host.stamp(this.path));
    await this.#read(stamp);
    if (stamp) this.host.poll(() => this.#check());
  }

  /** Reloads it if it has changed. Logs an error once, and keeps the list. */
  async #check(): Promise<void> {
    if (this.#checking) return;
    this.#checking = true;
    try {
      const stamp = await this.#withName(this.host.stamp(this.path));
      if (!stamp) throw new UsageError(this.#name, "can't be read again: it is no regular file");
      if (stamp.id !== this.#stamp && await this.#read(stamp)) {
        this.#loggedError = undefined;
        this.host.log.info("reloaded", `${this.#name}: the list has been read again`);
      }
    } catch (error) {
      this.#logError(reasonOf(error));
    } finally {
      this.#checking = false;
    }
  }

  /** Reads and parses it. Resolves with whether the text has changed. */
  async #read(stamp: FileStamp | undefined): Promise<boolean> {
    const text = await this.#withName(this.host.read(this.path));
    const isNew = text !== this.#text;
    this.#stamp = stamp?.recent ? undefined : stamp?.id;
    this.#text = stamp?.recent ? text : undefined;
    if (isNew) await this.#parse(text);
    return isNew;
  }

  async #parse(text: string): Promise<void> {
    try {
      this.ranges = await parseList(entriesOf(text), this.host.resolve);
    } catch (error) {
      // A name may be resolved a little later; an invalid line stays invalid.
      if (error instanceof ResolveError) this.#forget();
      if (error instanceof CoaxError) throw error;
      throw new UsageError(this.#name, reasonOf(error));
    }
  }

  async #withName<T>(work: Promise<T>): Promise<T> {
    try {
      return await work;
    } catch (error) {
      this.#forget();
      throw new UsageError(this.#name, `can't be read: ${reasonOf(error)}`);
    }
  }

  #forget(): void {
    this.#stamp = undefined;
    this.#text = undefined;
  }

  #logError(reason: string): void {
    if (reason === this.#loggedError) return;
    this.#loggedError = reason;
    this.host.log.error("reload-failed", `${reason}; the list stays as it was`);
  }
}
