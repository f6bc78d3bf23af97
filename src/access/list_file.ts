/** A list in a file that may change at any time: the last good one counts. */
import { CoaxError, reasonOf, ResolveError, UsageError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { entriesOf, parseList, type Resolve } from "./list.ts";
import { RangeSet } from "./ranges.ts";

/** What a file's status says of its content without reading it. */
export interface FileStamp {
  /** Differs wherever a change can be told. */
  readonly id: string;
  /** So new that another change could leave it as it is: the clock of a file system is coarse. */
  readonly recent: boolean;
}

/** What lists need from outside. */
export interface HostFunctions {
  readonly resolve: Resolve;
  /** A file's text. */
  read(path: string): Promise<string>;
  /** Nothing for what can be read once only (a FIFO). Rejects as `read` does. */
  stamp(path: string): Promise<FileStamp | undefined>;
  /** Calls `look` at least twice a second for as long as there are peers to judge. */
  poll(look: () => Promise<void>): void;
  readonly log: Log;
}

/** The ranges of one `@FILE`, as they are now. */
export class ListFile {
  ranges = new RangeSet();
  readonly #name: string;
  /** The stamp of what has been read; none where it has to be read again. */
  #stamp: string | undefined;
  /** What has been read, as long as the stamp is unsettled. */
  #text: string | undefined;
  /** What has been said to be wrong with it. */
  #told: string | undefined;
  #looking = false;

  constructor(
    option: string,
    private readonly path: string,
    private readonly outside: HostFunctions,
  ) {
    this.#name = `${option} @${path}`;
  }

  /** Reads it for the first time. Rejects with a `UsageError` that names option and file. */
  async load(): Promise<void> {
    const stamp = await this.#readable(this.outside.stamp(this.path));
    await this.#read(stamp);
    if (stamp) this.outside.poll(() => this.#look());
  }

  /** Reads it again if it has changed. What is wrong with it then is said once; the list stays. */
  async #look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      const stamp = await this.#readable(this.outside.stamp(this.path));
      if (!stamp) throw new UsageError(this.#name, "can't be read again: it is no regular file");
      if (stamp.id !== this.#stamp && await this.#read(stamp)) {
        this.#told = undefined;
        this.outside.log.info("reloaded", `${this.#name}: the list has been read again`);
      }
    } catch (error) {
      this.#complain(reasonOf(error));
    } finally {
      this.#looking = false;
    }
  }

  /** Resolves with whether there was something new. */
  async #read(stamp: FileStamp | undefined): Promise<boolean> {
    const text = await this.#readable(this.outside.read(this.path));
    const isNew = text !== this.#text;
    this.#stamp = stamp?.recent ? undefined : stamp?.id;
    this.#text = stamp?.recent ? text : undefined;
    if (isNew) await this.#parse(text);
    return isNew;
  }

  async #parse(text: string): Promise<void> {
    try {
      this.ranges = await parseList(entriesOf(text), this.outside.resolve);
    } catch (error) {
      // A name may have an address a little later; a line that is wrong stays so.
      if (error instanceof ResolveError) this.#forget();
      if (error instanceof CoaxError) throw error;
      throw new UsageError(this.#name, reasonOf(error));
    }
  }

  async #readable<T>(work: Promise<T>): Promise<T> {
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

  #complain(why: string): void {
    if (why === this.#told) return;
    this.#told = why;
    this.outside.log.error("reload-failed", `${why}; the list stays as it was`);
  }
}
