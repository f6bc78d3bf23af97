/** `GET /events`: the log's events and all proxies' sums, as server-sent events (HTML §9.2). */
import { escapeJson } from "../core/escape.ts";
import { formatEventJson, maskEvent } from "../core/event_json.ts";
import { type Event, type Level, LEVELS, Log } from "../core/log.ts";
import { Notifier } from "../core/notifier.ts";
import { sleep } from "../core/time.ts";
import type { ConnectionRegistry } from "./connections.ts";
import type { History } from "./history.ts";
import { jsonError } from "./json_error.ts";
import type { RoundTrips } from "./round_trips.ts";
import { Sample } from "./sample.ts";
import { stepViewer } from "./steps.ts";
import type { Viewer as ConnectionViewer } from "./tracked_connection.ts";

/** Time between two sums, milliseconds. */
const INTERVAL = 500;
/** Viewers at once. */
const MAX_VIEWERS = 16;
/** Events that wait for a slow viewer, characters; what comes then is counted and dropped. */
const MAX_QUEUED = 64 * 1024;
/** Time for which events are gathered for a viewer of the sample, milliseconds. */
const GATHERING = 100;
/** The level of the events without `?level=`. */
const DEFAULT_LEVEL: Level = "debug";

const encoder = new TextEncoder();

/** What a feed tells beside the log's events. */
export interface EventSources {
  /** All connections. */
  readonly connections: Pick<ConnectionRegistry, "watch">;
  /** Whether the log tells their steps by itself, as it does with `-v`. */
  readonly logsSteps: boolean;
  /** Keeps what passes while there is a viewer. */
  readonly history: Pick<History, "hold">;
  /** Measured for the sums. */
  readonly roundTrips: Pick<RoundTrips, "watch" | "turn">;
}

/** Tells any number of viewers what happens; without one it does nothing. */
export class EventFeed {
  readonly #viewers = new Set<Viewer>();
  /** What those are told who want no more. */
  #sample = new Sample();
  #watching: DisposableStack | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param sums The proxies with their sums, as JSON shows them. */
  constructor(
    private readonly sums: () => readonly unknown[],
    private readonly sources?: EventSources,
  ) {}

  /** Tells an event of the log, whether that writes it or not. */
  observe(event: Event): void {
    if (this.#viewers.size === 0) return;
    const isSampled = this.#sample.admits(event);
    let text: string | undefined;
    for (const viewer of this.#viewers) {
      if (!viewer.wants(event.level)) continue;
      if (viewer.isSampling && !isSampled) {
        viewer.miss();
        continue;
      }
      text ??= `event: log\ndata: ${formatEventJson(maskEvent(event))}\n\n`;
      viewer.push(text);
    }
  }

  /** Answers `GET /events[?level=LEVEL][&sample]` until the request's signal aborts. */
  open({ url, signal }: Request): Response {
    const { searchParams } = new URL(url);
    const level = searchParams.get("level") ?? DEFAULT_LEVEL;
    if (!isLevel(level)) return jsonError(400, `level: expected one of ${LEVELS.join(", ")}`);
    if (this.#viewers.size >= MAX_VIEWERS) {
      return jsonError(503, `${MAX_VIEWERS} viewers are watching already`);
    }
    const viewer = new Viewer(level, searchParams.has("sample"));
    this.#add(viewer);
    const leave = () => this.#remove(viewer);
    signal.addEventListener("abort", leave, { once: true });
    if (signal.aborted) leave();
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        const text = await viewer.take();
        if (text === undefined) controller.close();
        else controller.enqueue(encoder.encode(text));
      },
      cancel: leave,
    }, { highWaterMark: 0 });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  }

  #add(viewer: Viewer): void {
    // Who wants all is told the steps of connections that the sample has left out, too.
    if (!viewer.isSampling && this.#areSampling) this.#unwatch();
    this.#viewers.add(viewer);
    this.#watching ??= this.#watch();
    viewer.update(this.#formatSums());
    this.#timer ??= setInterval(() => this.#update(), INTERVAL);
  }

  #remove(viewer: Viewer): void {
    viewer.close();
    this.#viewers.delete(viewer);
    if (this.#viewers.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unwatch();
  }

  #unwatch(): void {
    this.#watching?.dispose();
    this.#watching = undefined;
  }

  #watch(): DisposableStack {
    const watching = new DisposableStack();
    this.#sample = new Sample();
    if (!this.sources) return watching;
    const { connections, logsSteps, history, roundTrips } = this.sources;
    let isOpenAlready = true;
    const log = new Log((event) => this.observe(event), "debug");
    const steps: ConnectionViewer = logsSteps ? () => ({}) : stepViewer(log);
    const viewer: ConnectionViewer = (connection) => {
      const { id } = connection;
      if (isOpenAlready) this.#sample.add(id);
      if (!this.#sample.has(id) && this.#areSampling) return undefined;
      return { ...steps(connection), over: () => this.#sample.remove(id) };
    };
    watching.use(connections.watch(viewer));
    isOpenAlready = false;
    watching.use(history.hold());
    watching.use(roundTrips.watch());
    return watching;
  }

  /** Whether nobody wants more than the sample. */
  get #areSampling(): boolean {
    return [...this.#viewers].every(({ isSampling }) => isSampling);
  }

  #update(): void {
    this.sources?.roundTrips.turn();
    this.#sample.turn();
    const proxies = this.#formatSums();
    for (const viewer of this.#viewers) viewer.update(proxies);
  }

  #formatSums(): string {
    return escapeJson(JSON.stringify(this.sums()));
  }
}

/** What waits for one viewer. */
class Viewer {
  readonly #least: number;
  #events: string[] = [];
  #queued = 0;
  #missed = 0;
  /** The latest sums that it hasn't taken. */
  #proxies: string | undefined;
  readonly #closing = new AbortController();
  /** When it last took something. */
  #takenAt = -Infinity;
  readonly #change = new Notifier();

  /** @param isSampling Whether it wants no more than the sample. */
  constructor(level: Level, readonly isSampling: boolean) {
    this.#least = LEVELS.indexOf(level);
  }

  wants(level: Level): boolean {
    return LEVELS.indexOf(level) <= this.#least;
  }

  /** Counts an event that it isn't told. */
  miss(): void {
    this.#missed++;
  }

  push(text: string): void {
    if (this.#queued + text.length > MAX_QUEUED) return this.miss();
    this.#events.push(text);
    this.#queued += text.length;
    this.#change.notify();
  }

  update(proxies: string): void {
    this.#proxies = proxies;
    this.#change.notify();
  }

  close(): void {
    this.#closing.abort();
    this.#change.notify();
  }

  /** All that waits, once there is something; undefined once it is closed and all was taken. */
  async take(): Promise<string | undefined> {
    while (this.#queued === 0 && this.#proxies === undefined) {
      if (this.#closing.signal.aborted) return undefined;
      await this.#change.wait();
    }
    // Each piece costs both sides as much as many events do.
    const early = this.isSampling ? this.#takenAt + GATHERING - performance.now() : 0;
    if (early > 0) await sleep(early, this.#closing.signal).catch(() => {});
    this.#takenAt = performance.now();
    const events = this.#events.join("");
    const sums = this.#proxies === undefined ? "" : this.#sums(this.#proxies);
    this.#events = [];
    this.#queued = 0;
    this.#proxies = undefined;
    return events + sums;
  }

  #sums(proxies: string): string {
    const time = new Date().toISOString();
    return `event: sums\ndata: {"time":"${time}","missed":${this.#missed},"proxies":${proxies}}\n\n`;
  }
}

function isLevel(text: string): text is Level {
  return (LEVELS as readonly string[]).includes(text);
}
