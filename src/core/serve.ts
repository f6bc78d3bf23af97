/** The accept loop. It opens connections (handshakes) aside: a slow peer delays no other. */
import { abortsFirst, onAbort } from "./abort.ts";
import { logFailure, logRefused } from "./connection_failure.ts";
import type { Connection } from "./duplex.ts";
import { LocalError, reasonOf, ShutdownError } from "./errors.ts";
import { CLOSE_GRACE, closeGracefully } from "./graceful_close.ts";
import { LinkedList, type Place } from "./linked_list.ts";
import type { Incoming, Listener } from "./listener.ts";
import type { Log } from "./log.ts";
import { Slots, type SlotsOptions } from "./slots.ts";
import { settledWithin } from "./time.ts";

/** One accepted connection as a handler sees it. */
export interface Accepted {
  readonly connection: Connection;
  /** Counted from 1. */
  readonly id: number;
  readonly peer: string;
  readonly local: string;
  /** The command's log, with this connection's `id` and `peer`. */
  readonly log: Log;
  /** To be called when the handler's own handshake is over (see `ServeOptions.handshake`). */
  readonly established?: () => void;
}

/** A connection that is over. */
export interface Over {
  readonly id: number;
  readonly peer: string;
  /** The command's log, with this connection's `id` and `peer`. */
  readonly log: Log;
  /** When it was accepted, in milliseconds of `performance.now()`. */
  readonly since: number;
  /** Why it ended, also in its handshake; undefined for EOF both ways. */
  readonly error: unknown;
  /** Whether it was closed in its handshake for another peer, which is logged. */
  readonly evicted: boolean;
}

export interface ServeOptions extends SlotsOptions {
  /** Stops accepting. Open connections have `grace` milliseconds to finish. */
  readonly stop: AbortSignal;
  readonly grace: number;
  /** Closes all connections at once with its reason, and `serve` rejects with it. */
  readonly abort?: AbortSignal;
  /** The reason to refuse a peer before anything is sent to it; undefined lets it in. */
  readonly admit: ((peer: string) => string | undefined) | undefined;
  /** Serve the first connection that opens, close the listeners, and reject as its handler does. */
  readonly once?: boolean;
  /**
   * Whether the handler begins with a handshake of its own. Until it calls `established`, the
   * connection has its slot only as long as no other peer needs it.
   */
  readonly handshake?: boolean;
  /** The number of the next connection; counted from 1 by default. */
  readonly nextId?: () => number;
  /** Whether they serve other connections: the log and a stop leave them out of its count. */
  readonly unnumbered?: boolean;
  /** Called for each connection that wasn't refused, when it is over and its failure is logged. */
  readonly onOver?: (over: Over) => void;
  /** Called once every listener is closed, and its address free. */
  readonly onUnlistened?: () => void;
}

/**
 * Serves every connection of `listeners` with `handle` until `stop`, and resolves when the last one
 * is closed. A handler's rejection is logged; a `LocalError` (our stdout is gone) closes them all.
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
/** Shortest time between two warnings of that, milliseconds. */
const ACCEPT_WARNING_INTERVAL = 1000;

class Server {
  readonly #open = new LinkedList<Connection>();
  /** Aborts handshakes. */
  readonly #closing = new AbortController();
  readonly #slots: Slots;
  #count = 0;
  #chosen = false;
  #failure: unknown;

  constructor(
    private readonly listeners: readonly Listener[],
    private readonly handle: (accepted: Accepted) => Promise<void>,
    private readonly options: ServeOptions,
  ) {
    this.#slots = new Slots(listeners, options);
  }

  async run(): Promise<void> {
    const { stop, abort, grace, log } = this.options;
    using _ = onAbort(abort, () => this.#fail(abort!.reason));
    await this.#acceptAll(stop);
    this.options.onUnlistened?.();
    const finished = this.#slots.allFree();
    if (await abortsFirst(stop, finished)) await this.#drain(finished, grace, log);
    if (this.#failure) throw this.#failure;
  }

  async #acceptAll(stop: AbortSignal): Promise<void> {
    using _ = onAbort(stop, () => this.#stopListening());
    await Promise.all(this.listeners.map((listener) => this.#accept(listener)));
  }

  #stopListening(): void {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    this.#slots.close();
    for (const listener of this.listeners) {
      listener.close();
      for (const address of listener.addresses) {
        this.options.log.debug("unlisten", `close ${address}: no more are accepted`, { address });
      }
    }
  }

  /** Gives connections `grace` milliseconds, closes the rest, and waits briefly for them. */
  async #drain(finished: Promise<void>, grace: number, log: Log): Promise<void> {
    // A connection that was waiting for a target is over at once.
    await settledWithin(finished, 0);
    const all = [...this.#open];
    // A connection without EOF has no way to finish.
    for (const connection of all.filter(({ expires }) => expires)) {
      connection.close(new ShutdownError());
    }
    const { length } = all.filter(({ expires }) => !expires);
    if (length > 0 && !this.options.unnumbered) {
      const open = `${length} open connection${length === 1 ? "" : "s"}`;
      log.info(
        "draining",
        `stopping: ${open} may finish within ${grace / 1000} s; a second signal ends all`,
      );
    }
    await settledWithin(finished, grace);
    const unfinished = [...this.#open];
    if (unfinished.length > 0 && !this.options.unnumbered) {
      const what = `${unfinished.length} connection${unfinished.length === 1 ? "" : "s"}`;
      const text = `closing ${what} that didn't finish within ${grace / 1000} s (--grace)`;
      log.warn("cut", text, { count: unfinished.length });
    }
    for (const connection of unfinished) connection.close(new ShutdownError());
    await settledWithin(finished, CLOSE_GRACE);
  }

  async #accept(listener: Listener): Promise<void> {
    const { log } = this.options;
    let lastWarning = -Infinity;
    for (;;) {
      let incoming: Incoming | null;
      try {
        incoming = await listener.accept();
      } catch (error) {
        if (performance.now() - lastWarning >= ACCEPT_WARNING_INTERVAL) {
          lastWarning = performance.now();
          log.warn("accept-failed", reasonOf(error), {
            address: listener.addresses[0],
            error: reasonOf(error),
          });
        }
        // EMFILE and the like reject at once and again and again: wait instead of spinning.
        await this.#slots.makeRoom(error, ACCEPT_BACKOFF);
        continue;
      }
      if (incoming === null) return;
      const { peer } = incoming;
      const refusal = this.options.admit?.(peer) ?? this.#slots.refusal(peer);
      const why = typeof refusal === "object" ? await refusal : refusal;
      if (why) {
        incoming.refuse();
        logRefused(log, peer, why);
      } else if (this.#closing.signal.aborted) incoming.refuse();
      else this.#serve(incoming);
    }
  }

  async #serve(incoming: Incoming): Promise<void> {
    const { once, handshake: own, unnumbered, nextId, onOver } = this.options;
    const { peer, local } = incoming;
    const { handshakes } = this.#slots;
    const handshake = own || incoming.handshake ? handshakes.begin(peer) : undefined;
    const id = nextId?.() ?? ++this.#count;
    const log = this.options.log.with(unnumbered ? { peer } : { id, peer });
    let place: Place<Connection> | undefined;
    const since = onOver ? performance.now() : 0;
    let failure: unknown;
    this.#slots.take(peer);
    try {
      log.debugging?.debug("accept", `accept ${peer} on ${local}`, { address: local });
      const connection = await incoming.open(handshake?.signal ?? this.#closing.signal, log);
      if (handshake?.evicted) return connection.close();
      if (this.#chosen) return await closeGracefully(connection);
      if (once) {
        this.#chosen = true;
        this.#stopListening();
      }
      place = this.#open.add(connection);
      const established = handshake && (() => handshake.settle());
      if (own) handshake!.opened(connection);
      else established?.();
      // A PROXY header may have named another peer and another local address.
      const { peer: named, local: at = local } = connection;
      const namedLog = named === peer ? log : log.with({ peer: named });
      await this.handle({ connection, id, peer: named, local: at, log: namedLog, established });
    } catch (error) {
      failure = this.#closing.signal.aborted && !place ? new ShutdownError() : error;
      if (!handshake?.evicted) this.#connectionFailed(failure, place !== undefined, log);
    } finally {
      place?.remove();
      handshake?.settle();
      this.#slots.free(peer);
      onOver?.({ id, peer, log, since, error: failure, evicted: handshake?.evicted ?? false });
    }
  }

  /** Logs a connection's failure, or stops the whole service with it. */
  #connectionFailed(error: unknown, wasOpen: boolean, log: Log): void {
    if (error === this.#failure) return;
    if (error instanceof LocalError || (this.options.once && wasOpen)) this.#fail(error);
    else logFailure(log, error);
  }

  /** Stops the whole service with `error`. */
  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#stopListening();
    for (const connection of [...this.#open]) connection.close(error as Error);
  }
}
