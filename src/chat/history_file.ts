/**
 * Keeps the histories of a process's rooms in a file over a restart: a line of JSON each, appended
 * as it is said, and the file written anew when it has grown. A lock keeps a second process out.
 */
import { LocalError } from "../core/errors.ts";
import type { Log } from "../core/log.ts";
import { reasonOfMaking, reasonOfSystem } from "../transports/system_reason.ts";
import { fromFile, HEADER } from "./history_lines.ts";
import type { Announcement } from "./protocol/news.ts";

/** For its owner alone: what was said in a room is nobody else's business. */
const MODE = 0o600;
/** Growth after which the file is written anew, bytes: this, or as much again as it had. */
const LEAST_GROWTH = 256 * 1024;
/** Characters that are written at once, at least. */
const PIECE = 64 * 1024;
/** Most rooms that are kept while nobody has opened them since the start. */
const MOST_UNOPENED = 32;
/** Time between two checks whether the file is still the one at its path, milliseconds. */
const CHECK_INTERVAL = 1000;
/** How often a file may be replaced by another process between its opening and its lock. */
const LOCK_ATTEMPTS = 10;

const encoder = new TextEncoder();
type Lines = Iterable<Announcement>;

export class HistoryFile implements Disposable {
  /** Undefined once the file is closed, or can't be written to. */
  #file: Deno.FsFile | undefined;
  /** The file itself, where its path is a symbolic link. */
  readonly #target: string;
  #size = 0;
  #compactAt = 0;
  /** Lines of rooms that nobody has opened yet; the rooms that were used last stand last. */
  readonly #unopened: Map<string, Announcement[]>;
  readonly #opened = new Map<string, Lines>();
  #waiting = "";
  #checkedAt = 0;

  /**
   * Opens the file, or creates it. Throws a `LocalError` if it can't be used, is something else, or
   * another process uses it.
   *
   * @param lines How many lines of a room are kept.
   */
  constructor(private readonly path: string, private readonly log: Log, lines: number) {
    this.#file = this.#try("open", () => openLocked(path));
    try {
      this.#target = this.#try("open", () => Deno.realPathSync(path));
      const { rooms, broken } = this.#try("read", () => fromFile(this.#file!, lines));
      if (broken > 0) {
        const what = broken === 1 ? "1 line isn't one" : `${broken} lines aren't any`;
        log.warn("history", `${path}: ${what} of a room, and left out`);
      }
      this.#unopened = new Map([...rooms].slice(-MOST_UNOPENED));
    } catch (error) {
      this.#file!.close();
      throw error;
    }
    this.#write(() => this.#compact());
  }

  /** The lines that a room had, oldest first, whose further ones `add` keeps. */
  open(room: string, lines: Lines): readonly Announcement[] {
    this.#opened.set(room, lines);
    const before = this.#unopened.get(room) ?? [];
    this.#unopened.delete(room);
    return before;
  }

  /** Forgets a room that is closed for others. */
  forget(room: string): void {
    this.#opened.delete(room);
  }

  /** Keeps a line. It is written at the end of this turn, before anybody gets it. */
  add(line: Announcement): void {
    if (!this.#file) return;
    if (this.#waiting === "") queueMicrotask(() => this.#flush());
    this.#waiting += textOf(line);
  }

  [Symbol.dispose](): void {
    this.#flush();
    this.#file?.close();
    this.#file = undefined;
  }

  #flush(): void {
    const text = this.#waiting;
    this.#waiting = "";
    if (text === "") return;
    this.#write((file) => {
      const isThere = this.#isThere(file);
      this.#size += writeAll(file, text);
      if (!isThere || this.#size > this.#compactAt) this.#compact();
    });
  }

  /** Whether the file is at its path; looked at now and then. Throws if another one is. */
  #isThere(file: Deno.FsFile): boolean {
    const now = performance.now();
    if (now - this.#checkedAt < CHECK_INTERVAL) return true;
    this.#checkedAt = now;
    const at = statIfAny(this.#target);
    if (!at) {
      this.log.warn("history", `${this.path} has been removed, and is written anew`);
      return false;
    }
    if (!isSameFile(at, file.statSync())) throw new Error("another file has taken its place");
    return true;
  }

  /** Replaces the file by one that has the lines of now alone: whole, at any time. */
  #compact(): void {
    const temporary = `${this.#target}.new`;
    try {
      Deno.removeSync(temporary);
    } catch {
      // There is none.
    }
    const file = Deno.openSync(temporary, { write: true, createNew: true, mode: MODE });
    try {
      let size = writeAll(file, HEADER);
      for (const piece of this.#pieces()) size += writeAll(file, piece);
      file.syncDataSync();
      file.lockSync(true);
      Deno.renameSync(temporary, this.#target);
      this.#size = size;
      this.#compactAt = 2 * size + LEAST_GROWTH;
    } catch (error) {
      file.close();
      Deno.removeSync(temporary);
      throw error;
    }
    this.#file!.close();
    this.#file = file;
  }

  /** The lines of all rooms, many in one text. */
  *#pieces(): Generator<string> {
    let piece = "";
    for (const lines of [...this.#unopened.values(), ...this.#opened.values()]) {
      for (const line of lines) {
        piece += textOf(line);
        if (piece.length < PIECE) continue;
        yield piece;
        piece = "";
      }
    }
    yield piece;
  }

  /** Writes; once that fails, the room goes on and nothing more is kept. */
  #write(act: (file: Deno.FsFile) => void): void {
    const file = this.#file;
    if (!file) return;
    try {
      act(file);
    } catch (error) {
      const reason = reasonOfSystem(error as Error);
      this.log.error(
        "history-failed",
        `write ${this.path}: ${reason}; from now on no history is kept there`,
        { error: reason },
      );
      this.#file!.close();
      this.#file = undefined;
    }
  }

  #try<T>(stage: string, act: () => T): T {
    try {
      return act();
    } catch (error) {
      if (error instanceof LocalError) throw error;
      throw new LocalError(stage, this.path, reasonOfMaking(this.path, error as Error), {
        cause: error,
      });
    }
  }
}

/** Opens the file at the path for this process alone: another may replace it meanwhile. */
function openLocked(path: string): Deno.FsFile {
  for (let attempt = 1;; attempt++) {
    const file = Deno.openSync(path, { read: true, write: true, create: true, mode: MODE });
    const opened = file.statSync();
    const isLocked = opened.isFile && file.tryLockSync(true);
    const now = statIfAny(path);
    if (isLocked && now && isSameFile(now, opened)) return file;
    file.close();
    if (!opened.isFile) throw new LocalError("open", path, "a history needs a regular file");
    if (!isLocked || attempt === LOCK_ATTEMPTS) {
      throw new LocalError("open", path, "another coax keeps its history there");
    }
  }
}

function isSameFile(one: Deno.FileInfo, other: Deno.FileInfo): boolean {
  return one.ino === other.ino && one.dev === other.dev;
}

function statIfAny(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.statSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

function textOf(line: Announcement): string {
  return `${JSON.stringify(line.news)}\n`;
}

/** Writes at the file's end, and returns how many bytes that were. */
function writeAll(file: Deno.FsFile, text: string): number {
  const bytes = encoder.encode(text);
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
  return bytes.length;
}
