/**
 * What the program tells about itself: events with fields. The core only writes them; `cli/log.ts`
 * decides how they look and where they go.
 */

export const LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

/** Facts about an event, named as `--log-format json` shows them. */
interface Fields {
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
  readonly #observe: ((event: Event) => void) | undefined;

  /**
   * @param sink Writes an event of `level` or a more important one, or one that was asked for.
   * @param fields What every event has.
   * @param observe Sees every event, of whatever level.
   */
  constructor(
    sink: (event: Event) => void,
    readonly level: Level,
    fields: Fields = {},
    observe?: (event: Event) => void,
  ) {
    this.#sink = sink;
    this.#fields = fields;
    this.#observe = observe;
  }

  /** Whether events of `level` are written: lets callers skip work that only feeds the log. */
  enabled(level: Level): boolean {
    return LEVELS.indexOf(level) <= LEVELS.indexOf(this.level);
  }

  /** The same log, adding `fields` to each event. */
  with(fields: Fields): Log {
    return new Log(this.#sink, this.level, { ...this.#fields, ...fields }, this.#observe);
  }

  /** The same log, with every event shown to `observe` first, also those that aren't written. */
  observed(observe: (event: Event) => void): Log {
    return new Log(this.#sink, this.level, this.#fields, observe);
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

  /** What was asked for (a hexdump): information that is written at any level. */
  asked(event: string, text: string, fields?: Fields): void {
    this.#write("info", event, text, fields, true);
  }

  #write(
    level: Level,
    event: string,
    text: string,
    fields?: Fields,
    written = this.enabled(level),
  ): void {
    if (!this.#observe && !written) return;
    const whole = { level, event, text, ...this.#fields, ...fields };
    this.#observe?.(whole);
    if (written) this.#sink(whole);
  }
}

/** A log that nobody reads, for tests and for code that runs without one. */
export const silent: Log = new Log(() => {}, "error");
