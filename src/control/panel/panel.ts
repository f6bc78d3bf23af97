/// <reference lib="dom" />
/** Keeps the panel's state up to date, and does what the reader asks for. */
import { Api, ApiError } from "./api.ts";
import { PanelState } from "./panel_state.ts";
import { Recordings } from "./recordings.ts";
import { Tuner } from "./tuner.ts";

/** Time until it connects again, milliseconds. */
const RETRY = 1000;
/** Least time between two lists of connections, milliseconds; longer where they take long. */
const POLL = 1000;
/** Share of the time that lists of connections may take, unless there would be none for long. */
const POLL_SHARE = 0.1;
/** The most between two lists, milliseconds. */
const MAX_POLL = 5000;
/** Least time between two lists of those that are over, too: up to 1,000, milliseconds. */
const CLOSED_POLL = 10_000;
/** Least and most time between two drawings, milliseconds: longer where they take long. */
const FRAME = 200;
const LONGEST_FRAME = 500;
/** Share of the time that drawing may take: what is relayed may need the same processors. */
const DRAW_SHARE = 0.05;
const TOKEN = "coax-token";

/** What the reader is told about the last act. */
export type Notice = { readonly kind: "done" | "failed"; readonly text: string };

/** What is said of an act. */
export interface ActWords {
  readonly done?: string;
  readonly failed: (reason: string) => string;
  readonly unreachable: string;
}

export class Panel {
  readonly api = new Api();
  readonly state = new PanelState();
  readonly tuner = new Tuner(
    (proxy, toxic, change) => this.api.updateToxic(proxy, toxic, change),
    () => this.#refresh(),
  );
  readonly recordings = new Recordings(() => this.changed());
  notice: Notice | undefined;
  /** Whether a token was given that isn't the right one. */
  wrongToken = false;
  #draw: () => void = () => {};
  /** When it may be drawn again. */
  #drawAt = 0;
  #isDrawing = false;
  #unlocked: (() => void) | undefined;

  /** Begins, and calls `draw` whenever something has changed. */
  start(draw: () => void): void {
    this.#draw = draw;
    this.api.token = stored() ?? "";
    void this.#watch();
    void this.#poll();
  }

  /** Draws soon: at once if that wasn't done lately. */
  changed(): void {
    if (this.#isDrawing) return;
    this.#isDrawing = true;
    this.#drawLater();
  }

  #drawLater(): void {
    setTimeout(() => {
      if (performance.now() < this.#drawAt) return this.#drawLater();
      this.#isDrawing = false;
      this.#drawTimed();
    }, Math.max(0, this.#drawAt - performance.now()));
  }

  /** Draws, and lets the next time come later if it took long until it was painted. */
  #drawTimed(): void {
    const start = performance.now();
    this.#draw();
    const drawn = performance.now() - start;
    this.#drawAt = start + FRAME;
    requestAnimationFrame((frame) =>
      setTimeout(() => {
        const took = drawn + performance.now() - frame;
        this.#drawAt = start + Math.min(LONGEST_FRAME, Math.max(FRAME, took / DRAW_SHARE));
      })
    );
  }

  /** Draws at once, after something that the reader did. */
  redraw(): void {
    this.#draw();
  }

  unlock(token: string): void {
    this.api.token = token.trim();
    store(this.api.token);
    this.#unlocked?.();
  }

  /** Does something and shows what came of it. Resolves with whether it was done. */
  async act(
    action: () => Promise<void>,
    words: ActWords,
  ): Promise<boolean> {
    let notice: Notice | undefined;
    try {
      await action();
      if (words.done) notice = { kind: "done", text: words.done };
    } catch (error) {
      const reason = error instanceof ApiError ? error.message : words.unreachable;
      notice = { kind: "failed", text: words.failed(reason) };
    }
    this.notice = notice;
    await this.#refresh().catch(() => {});
    this.redraw();
    return notice?.kind !== "failed";
  }

  dismiss(): void {
    this.notice = undefined;
    this.redraw();
  }

  /** Follows the events, again and again. */
  async #watch(): Promise<never> {
    const { state } = this;
    for (;;) {
      try {
        await this.#follow();
        state.apply({ type: "lost" });
      } catch (error) {
        if (error instanceof ApiError && error.status === 401) {
          await this.#lock();
          continue;
        }
        state.apply({ type: "lost" });
      }
      this.changed();
      await sleep(RETRY);
    }
  }

  async #follow(): Promise<void> {
    const { state, api } = this;
    await this.#refresh();
    await api.watch({
      opened: () => {
        this.wrongToken = false;
        state.apply({ type: "connected" });
      },
      sums: (sums) => state.apply({ type: "sums", sums }),
      log: (event) => state.apply({ type: "log", event }),
      taken: () => {
        if (state.isStale) void this.#refresh().catch(() => {});
        this.changed();
      },
    });
  }

  /** Waits for another token. */
  async #lock(): Promise<void> {
    this.wrongToken = this.api.token !== "";
    this.state.apply({ type: "unauthorized" });
    const unlocked = Promise.withResolvers<void>();
    this.#unlocked = unlocked.resolve;
    this.redraw();
    await unlocked.promise;
    this.state.apply({ type: "lost" });
  }

  async #refresh(): Promise<void> {
    this.state.isStale = false;
    this.state.apply({ type: "proxies", proxies: await this.api.proxies() });
    this.changed();
  }

  async #poll(): Promise<never> {
    const { state, api } = this;
    let closedAt = -Infinity;
    for (;;) {
      const start = performance.now();
      if (state.link !== "open") closedAt = -Infinity;
      if (state.link === "open" && !document.hidden) {
        const withClosed = state.lacksClosed && start >= closedAt + CLOSED_POLL;
        if (withClosed) [state.lacksClosed, closedAt] = [false, start];
        await api.connections(withClosed).then((connections) => {
          state.apply({ type: "connections", time: state.now, connections });
          this.changed();
        }).catch(() => state.lacksClosed ||= withClosed);
      }
      const took = performance.now() - start;
      await sleep(Math.min(MAX_POLL, Math.max(POLL - took, took / POLL_SHARE)));
    }
  }
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

/** The token of this tab; undefined where the browser keeps nothing. */
function stored(): string | undefined {
  try {
    return sessionStorage.getItem(TOKEN) ?? undefined;
  } catch {
    return undefined;
  }
}

function store(token: string): void {
  try {
    sessionStorage.setItem(TOKEN, token);
  } catch {
    // It is asked for again after a reload.
  }
}
