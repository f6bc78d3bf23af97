/**
 * The log: events with fields. The core only writes them; `cli/log.ts` decides how they look and
 * where they go.
 */

export const LEVELS = ["error", "warn", "info", "debug", "trace"] as const;
export type Level = (typeof LEVELS)[number];

/** The place of each level, from the most important one. */
const RANKS = Object.fromEntries(LEVELS.map((level, i) => [level, i])) as Record<Level, number>;

/** Fields of an event, named as `--log-format json` shows them. */
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
  /** One line of text for people. */
  text: string;
}

/** Writes events of its level and more important ones, and adds its own fields to each. */
export class Log {
  readonly #sink: (event: Event) => void;
  readonly #fields: Fields;
  readonly #observe: ((event: Event) => void) | undefined;
  /** The log whose fields these are added to. */
  #above: Log | undefined;

  /**
   * @param sink Gets the events that are to be written.
   * @param fields Fields of every event.
   * @param observe Gets every event first, of whatever level.
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

  /** Whether events of `level` are written, so that callers can skip work for the log alone. */
  enabled(level: Level): boolean {
    return RANKS[level] <= RANKS[this.level];
  }

  /**
   * This log where somebody gets its events of level `debug`, written or observed. Where nobody
   * does it is undefined, so that `log.debugging?.debug(…)` doesn't build them.
   */
  get debugging(): Log | undefined {
    return this.#observe || this.enabled("debug") ? this : undefined;
  }

  /** The same for events of level `trace`. */
  get tracing(): Log | undefined {
    return this.#observe || this.enabled("trace") ? this : undefined;
  }

  /** The same log with `fields` added to each event. */
  with(fields: Fields): Log {
    const log = new Log(this.#sink, this.level, fields, this.#observe);
    log.#above = this; // They are joined where an event is written: most logs never have one.
    return log;
  }

  /**
   * The same log whose every event `observe` gets first, also those that aren't written. Who
   * observes it already gets them before.
   */
  observed(observe: (event: Event) => void): Log {
    const before = this.#observe;
    const both = before && ((event: Event) => {
      before(event);
      observe(event);
    });
    return new Log(this.#sink, this.level, this.#allFields(), both ?? observe);
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

  /** Writes what the user asked for (a hexdump) as information, at any level. */
  asked(event: string, text: string, fields?: Fields): void {
    this.#write("info", event, text, fields, true);
  }

  #allFields(): Fields {
    return this.#above ? { ...this.#above.#allFields(), ...this.#fields } : this.#fields;
  }

  #write(
    level: Level,
    event: string,
    text: string,
    fields?: Fields,
    written = this.enabled(level),
  ): void {
    if (!this.#observe && !written) return;
    const whole = { level, event, text, ...this.#allFields(), ...fields };
    this.#observe?.(whole);
    if (written) this.#sink(whole);
  }
}

/** A log that is never written, for tests and for code that runs without one. */
export const silent: Log = new Log(() => {}, "error");
