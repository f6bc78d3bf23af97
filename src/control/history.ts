/**
 * What passes while somebody looks: the latest events of every connection, also of those that are
 * over. Without a viewer nothing is kept, and no connection has a tap for it.
 */
import type { Event } from "../core/log.ts";
import { connectionRecorder } from "../record/connection_recorder.ts";
import type { TimedStep } from "../record/event.ts";
import { NEVER_OPEN, PendingSteps, stepOf } from "../record/steps.ts";
import { maskSecrets } from "../core/secrets.ts";
import type { ConnectionRegistry } from "./connections.ts";
import { type ClosedConnection, KeptConnection } from "./kept_connection.ts";
import { ListeningSteps } from "./listening_steps.ts";
import type { ConnectionObserver } from "./side.ts";
import type { TrackedConnection } from "./tracked_connection.ts";

/** Connections that are over and still known. */
export const MAX_CLOSED = 1000;
/** Memory for what all connections have carried, bytes. */
export const MAX_KEPT = 64 * 2 ** 20;
/** What is left of that when it was too much. */
const SHARE_LEFT = 7 / 8;
/** New connections that are kept of those within an interval. */
export const MAX_NEW = 64;
/** Milliseconds. */
const INTERVAL = 500;
/** Time for which all is kept without a viewer: a page that is loaded anew leaves for a moment. */
const LINGER = 5000;

export class History implements Disposable {
  readonly #open = new Map<number, KeptConnection>();
  /** In the order in which they were closed. */
  readonly #closed = new Map<number, KeptConnection>();
  readonly #listening = new ListeningSteps();
  #pending = new PendingSteps();
  #viewers = 0;
  #watching: Disposable | undefined;
  /** New connections since the beginning of the interval. */
  #new = { count: 0, since: 0 };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #size = 0;

  /**
   * @param linger Milliseconds for which it goes on without a viewer.
   * @param most Bytes for payload.
   * @param affordable New connections that are kept of those within half a second.
   */
  constructor(
    private readonly connections: Pick<ConnectionRegistry, "watch">,
    private readonly linger = LINGER,
    private readonly most = MAX_KEPT,
    private readonly affordable = MAX_NEW,
  ) {}

  /** Memory for payload, bytes. */
  get size(): number {
    return this.#size;
  }

  /** Keeps what passes from now on, until the result is disposed of. */
  hold(): Disposable {
    this.#viewers++;
    clearTimeout(this.#timer);
    this.#watching ??= this.#watch();
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        if (--this.#viewers === 0) this.#timer = setTimeout(() => this.#stop(), this.linger);
      },
    };
  }

  /** Takes an event of the log: some are steps of a connection. */
  observe(event: Event): void {
    this.#listening.observe(event);
    const { id } = event;
    if (!this.#watching || id === undefined || this.#closed.has(id)) return;
    const step = stepOf(event);
    const kept = this.#open.get(id);
    if (step && kept) kept.add({ event: "step", ...step });
    else if (step) this.#pending.add(id, { t: performance.now() / 1000, ...step });
    else if (NEVER_OPEN.has(event.event)) this.#pending.drop(id);
  }

  /** The connection of that number, if it is kept. */
  get(id: number): KeptConnection | undefined {
    return this.#open.get(id) ?? this.#closed.get(id);
  }

  /** The connections that are over, in the order of their ends: all, or those of one proxy. */
  closed(proxy?: string): ClosedConnection[] {
    const all = [...this.#closed.values()].map(({ end }) => end!);
    return proxy === undefined ? all : all.filter((one) => one.proxy === proxy);
  }

  /** Forgets the connections of a proxy that was removed. */
  removed(proxy: string): void {
    this.#listening.removed(proxy);
    for (const [id, kept] of this.#closed) if (kept.proxy === proxy) this.#drop(id);
  }

  /** Keeps nothing any more. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#stop();
  }

  /** Keeps all that are open already, and of new ones as many as can be afforded. */
  #watch(): Disposable {
    let isNew = false;
    const watching = this.connections.watch((connection) => {
      if (!isNew || this.#affords()) return this.#observer(connection);
      this.#pending.drop(connection.id);
      return undefined;
    });
    isNew = true;
    return watching;
  }

  #affords(): boolean {
    const now = performance.now();
    if (now - this.#new.since >= INTERVAL) this.#new = { count: 0, since: now };
    return this.#new.count++ < this.affordable;
  }

  #stop(): void {
    this.#watching?.[Symbol.dispose]();
    this.#watching = undefined;
    this.#open.clear();
    this.#closed.clear();
    this.#pending = new PendingSteps();
    this.#size = 0;
  }

  #observer(connection: TrackedConnection): ConnectionObserver | undefined {
    const { id, local, info, startedAt } = connection;
    if (info.state === "closing") return undefined;
    const steps = this.#pending.take(id);
    const begin = Math.min(startedAt / 1000, steps[0]?.t ?? Infinity);
    const kept = new KeptConnection(connection, begin, (bytes) => this.#grow(bytes));
    this.#open.set(id, kept);
    const before: readonly TimedStep[] = [
      ...this.#listening.of(connection.proxy, local).map((step) => ({ t: begin, ...step })),
      ...steps,
    ];
    for (const { t, ...step } of before) kept.add({ event: "step", ...step }, t);
    return { ...recorderOf(connection, kept), over: () => this.#over(id, kept) };
  }

  #over(id: number, kept: KeptConnection): void {
    kept.over();
    if (!this.#open.delete(id)) return;
    this.#closed.set(id, kept);
    if (this.#closed.size > MAX_CLOSED) this.#drop(this.#closed.keys().next().value!);
  }

  /** Forgets a connection that is over. */
  #drop(id: number): void {
    this.#closed.get(id)?.forget();
    this.#closed.delete(id);
  }

  #grow(bytes: number): void {
    this.#size += bytes;
    if (bytes > 0 && this.#size > this.most) this.#shrink();
  }

  /** Forgets what those have carried that are over, the oldest first, then what others have. */
  #shrink(): void {
    const enough = this.most * SHARE_LEFT;
    for (const kept of this.#closed.values()) {
      if (this.#size <= enough) return;
      kept.forget();
    }
    for (const [id, kept] of [...this.#open]) {
      if (this.#size <= enough) return;
      kept.forget();
      // Next time it is the others' turn.
      this.#open.delete(id);
      this.#open.set(id, kept);
    }
  }
}

/** Adds to `kept` all that a connection does from now on, and what is known of it before. */
function recorderOf(
  connection: TrackedConnection,
  kept: KeptConnection,
): ReturnType<typeof connectionRecorder> {
  const { local, client: { traffic }, connectedTarget, startedAt } = connection;
  const before = { in: traffic.received, out: traffic.sent };
  const isLate = before.in + before.out > 0;
  const recorder = connectionRecorder(
    connection.connection,
    { peerSide: "in", local },
    (body) => {
      if (body.event !== "open") return kept.add(body);
      kept.add(isLate ? { ...body, omitted: before } : body, startedAt / 1000);
    },
  );
  if (connectedTarget) {
    const address = maskSecrets(connectedTarget.peer);
    kept.add(
      { event: "step", step: "connected", leg: "target", address },
      connectedTarget.at / 1000,
    );
  }
  return recorder;
}
