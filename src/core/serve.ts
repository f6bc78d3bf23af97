/**
 * The one accept loop. Accepting and opening (a handshake) are two steps, so that no slow peer
 * holds up the next one; whatever one connection does ends as a line in the log, never here.
 */
import type { End } from "./duplex.ts";
import { CoaxError, LocalError, reasonOf, ShutdownError, ToldError } from "./errors.ts";
import { LAST_CALL, takeLeave } from "./farewell.ts";
import type { Incoming, Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { settles, sleep } from "./time.ts";

/** One accepted connection as a handler sees it. */
export interface Accepted {
  readonly end: End;
  /** Counted from 1. */
  readonly id: number;
  readonly peer: string;
  readonly local: string;
  /** The command's log, with this connection's `id` and `peer`. */
  readonly log: Log;
}

export interface ServeOptions {
  readonly log: Log;
  /** Stops accepting; connections get `grace` milliseconds to finish. */
  readonly stop: AbortSignal;
  readonly grace: number;
  /** Ends everything at once: connections are closed with its reason, and `serve` rejects with it. */
  readonly abort?: AbortSignal;
  /** More connections than this are closed at once. */
  readonly maxConnections: number;
  /** The same for connections from one address. */
  readonly maxPerPeer?: number;
  /** Says why a peer isn't let in at all, before anything is sent to it. */
  readonly admit?: (peer: string) => string | undefined;
  /** Serve the first connection that opens, close the listeners, and reject as its handler does. */
  readonly once?: boolean;
}

/**
 * Serves every connection of `listeners` with `handle` until `stop`, and resolves when the last one
 * has ended. A handler's rejection is logged; a `LocalError` (our own stdout is gone) ends it all.
 */
export async function serve(
  listeners: readonly Listener[],
  handle: (accepted: Accepted) => Promise<void>,
  options: ServeOptions,
): Promise<void> {
  await new Server(listeners, handle, options).run();
}

/** Wait before accepting again when the process is out of descriptors, milliseconds. */
const ACCEPT_BACKOFF = 50;
/** Time between two lines that say so, milliseconds. */
const ACCEPT_COMPLAINT = 1000;

/**
 * A connection that is served. Its end is taken out once it is over: what was in a set may stay in
 * memory until the next full garbage collection, though it has been deleted.
 */
interface Served {
  end?: End;
}

class Server {
  readonly #open = new Set<Served>();
  /** Aborts handshakes that are under way. */
  readonly #closing = new AbortController();
  #count = 0;
  /** Connections that have been let in and are not over. */
  #active = 0;
  /** Open connections by the peer's address, where their number is limited. */
  readonly #perHost = new Map<string, number>();
  #chosen = false;
  #failure: unknown;
  /** Resolves when the next connection has ended, or none is going to be accepted any more. */
  #room = Promise.withResolvers<void>();

  constructor(
    private readonly listeners: readonly Listener[],
    private readonly handle: (accepted: Accepted) => Promise<void>,
    private readonly options: ServeOptions,
  ) {}

  async run(): Promise<void> {
    const { stop, abort, grace, log } = this.options;
    abort?.addEventListener("abort", () => this.#fail(abort.reason), { once: true });
    const stopping = () => this.#stopListening();
    stop.addEventListener("abort", stopping, { once: true });
    if (stop.aborted) stopping();
    await Promise.all(this.listeners.map((listener) => this.#accept(listener)));
    stop.removeEventListener("abort", stopping);

    const finished = this.#finish();
    if (stop.aborted || await happensFirst(stop, finished)) await this.#drain(finished, grace, log);
    if (this.#failure) throw this.#failure;
  }

  #stopListening(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#tellOfRoom();
    for (const listener of this.listeners) {
      listener.close();
      for (const address of listener.addresses) {
        this.options.log.debug("unlisten", `close ${address}: no more are accepted`, { address });
      }
    }
  }

  /** Gives connections their time, then ends them; one that won't end isn't waited for. */
  async #drain(finished: Promise<void>, grace: number, log: Log): Promise<void> {
    await settles(finished, 0); // A connection that has only been waiting to be made ends at once.
    const all = this.#ends();
    // What ends by silence alone has no way to finish.
    for (const end of all.filter(({ expires }) => expires)) end.close(new ShutdownError());
    const { length } = all.filter(({ expires }) => !expires);
    if (length > 0) {
      const open = `${length} open connection${length === 1 ? "" : "s"}`;
      log.info(
        "draining",
        `stopping: ${open} may finish within ${grace / 1000} s; a second signal ends all`,
      );
    }
    const done = new AbortController();
    const expired = sleep(grace, done.signal).then(() => {
      for (const end of this.#ends()) end.close(new ShutdownError());
      return sleep(LAST_CALL, done.signal);
    }).catch(() => {});
    await Promise.race([finished, expired]);
    done.abort();
  }

  async #finish(): Promise<void> {
    while (this.#active > 0) await this.#room.promise;
  }

  async #accept(listener: Listener): Promise<void> {
    const { log } = this.options;
    let complained = -Infinity;
    for (;;) {
      let incoming: Incoming | null;
      try {
        incoming = await listener.accept();
      } catch (error) {
        // EMFILE and the like reject at once and again and again: wait instead of spinning.
        if (performance.now() - complained >= ACCEPT_COMPLAINT) {
          complained = performance.now();
          log.warn("accept-failed", reasonOf(error), {
            address: listener.addresses[0],
            error: reasonOf(error),
          });
        }
        await sleep(ACCEPT_BACKOFF);
        continue;
      }
      if (incoming === null) return;
      const why = await this.#refusal(incoming);
      if (why) {
        incoming.refuse();
        log.warn("refused", `refused ${incoming.peer}: ${why}`, { peer: incoming.peer });
        continue;
      }
      this.#serve(incoming);
    }
  }

  /** Why a peer is turned away, if it is. */
  async #refusal({ peer }: Incoming): Promise<string | undefined> {
    const { admit, maxConnections, maxPerPeer } = this.options;
    const denied = admit?.(peer);
    if (denied) return denied;
    if (maxPerPeer !== undefined && (this.#perHost.get(hostOf(peer)) ?? 0) >= maxPerPeer) {
      return `--max-per-peer ${maxPerPeer} is reached`;
    }
    if (this.#active < maxConnections || await this.#makeRoom()) return undefined;
    return `--max-connections ${maxConnections} is reached`;
  }

  /** Trades a silent connection for a new one; the new one waits until the other is gone. */
  async #makeRoom(): Promise<boolean> {
    const silent = this.listeners.flatMap((listener) => listener.longestSilent?.() ?? []);
    if (silent.length === 0) return false;
    silent.reduce((one, other) => other.since < one.since ? other : one).makeRoom();
    while (this.#active >= this.options.maxConnections && !this.#closing.signal.aborted) {
      await this.#room.promise;
    }
    return true;
  }

  async #serve(incoming: Incoming): Promise<void> {
    const { once } = this.options;
    const { peer, local } = incoming;
    const id = ++this.#count;
    const log = this.options.log.with({ id, peer });
    const served: Served = {};
    this.#occupy(peer, 1);
    try {
      log.debug("accept", `accept ${peer} on ${local}`, { address: local });
      const end = await incoming.open(this.#closing.signal, log);
      if (this.#chosen) return await takeLeave(end);
      if (once) {
        this.#chosen = true;
        this.#stopListening();
      }
      served.end = end;
      this.#open.add(served);
      // A PROXY header may have told who the peer really is, and whom it wanted.
      const known = end.peer === peer ? log : log.with({ peer: end.peer });
      await this.handle({ end, id, peer: end.peer, local: end.local ?? local, log: known });
    } catch (error) {
      if (this.#closing.signal.aborted && !served.end) return;
      if (error === this.#failure) return;
      if (error instanceof LocalError || (once && served.end)) this.#fail(error);
      else if (isQuiet(error)) log.debug("ended", reasonOf(error));
      else if (!(error instanceof ToldError)) {
        log.error("failed", reasonOf(error), { status: statusOf(error), error: reasonOf(error) });
      }
    } finally {
      this.#open.delete(served);
      served.end = undefined;
      this.#occupy(peer, -1);
      this.#tellOfRoom();
    }
  }

  #ends(): End[] {
    return [...this.#open].map(({ end }) => end!);
  }

  #tellOfRoom(): void {
    const { resolve } = this.#room;
    this.#room = Promise.withResolvers();
    resolve();
  }

  #occupy(peer: string, change: 1 | -1): void {
    this.#active += change;
    if (this.options.maxPerPeer === undefined) return;
    const host = hostOf(peer);
    const open = (this.#perHost.get(host) ?? 0) + change;
    if (open > 0) this.#perHost.set(host, open);
    else this.#perHost.delete(host);
  }

  /** Ends the whole service with `error`. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stopListening();
    for (const end of this.#ends()) end.close(error as Error);
  }
}

/** Where a peer is, without its port or number: `127.0.0.1`, `[::1]`, `unix:/run/x`. */
function hostOf(peer: string): string {
  return peer.replace(/[:#]\d+$/, "");
}

function statusOf(error: unknown): number | undefined {
  return error instanceof CoaxError ? error.status : undefined;
}

/** Whether an error is only the way in which a connection ended well. */
function isQuiet(error: unknown): boolean {
  return error instanceof CoaxError && error.status === 0;
}

/** Whether the signal aborts before `work` is done. */
async function happensFirst(signal: AbortSignal, work: Promise<void>): Promise<boolean> {
  let listener = () => {};
  const aborted = new Promise<boolean>((resolve) => {
    listener = () => resolve(true);
    signal.addEventListener("abort", listener, { once: true });
  });
  try {
    return await Promise.race([aborted, work.then(() => false)]);
  } finally {
    signal.removeEventListener("abort", listener);
  }
}
