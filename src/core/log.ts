/**
 * What the program tells about itself: events with fields. The core only writes them; `cli/log.ts`
 * decides how they look and where they go.
 */

export const LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

/** Facts about an event, named as `--log-format json` shows them. */
export interface Fields {
  /** Number of the connection, counted from 1. */
  id?: number;
  address?: string;
  peer?: string;
  /** Bytes sent to the peer. */
  sent?: number;
  /** Bytes received from the peer. */
  received?: number;
  error?: string;
  [name: string]: string | number | boolean | undefined;
}

export interface Event extends Fields {
  level: Level;
  /** A short name for programs: `listening`, `accept`, `half-close`. */
  event: string;
  /** One line for people. */
  text: string;
}

/** Writes events of its level and more important ones, each with the fields it was made with. */
export class Log {
  readonly #sink: (event: Event) => void;
  readonly #fields: Fields;

  constructor(
    sink: (event: Event) => void,
    readonly level: Level,
    fields: Fields = {},
  ) {
    this.#sink = sink;
    this.#fields = fields;
  }

  /** Whether events of `level` are written: lets callers skip work that only feeds the log. */
  enabled(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.level);
  }

  /** The same log, adding `fields` to each event. */
  with(fields: Fields): Log {
    return new Log(this.#sink, this.level, { ...this.#fields, ...fields });
  }

  error(event: string, text: string, fields?: Fields): void {
    this.#write("error", event, text, fields);
  }
  warn(event: string, text: string, fields?: Fields): void {
    this.#write("warn", event, text, fields);
  }
  info(event: string, text: string, fields?: Fields): void {
    this.#write("info", event, text, fields);
  }
  debug(event: string, text: string, fields?: Fields): void {
    this.#write("debug", event, text, fields);
  }
  trace(event: string, text: string, fields?: Fields): void {
    this.#write("trace", event, text, fields);
  }

  #write(level: Level, event: string, text: string, fields?: Fields): void {
    if (this.enabled(level)) this.#sink({ level, event, text, ...this.#fields, ...fields });
  }
}

/** A log that nobody reads, for tests and for code that runs without one. */
export const silent: Log = new Log(() => {}, "error");
