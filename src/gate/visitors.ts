/** The visitors of one port: announced to who listens there, and joined with who takes them. */
import type { Connection, Duplex } from "../core/duplex.ts";
import { onAbort } from "../core/abort.ts";
import { SessionOverError, TimeoutError } from "../core/errors.ts";
import { Handshakes } from "../core/handshakes.ts";
import { type Accepted, serve, type ServeOptions } from "../core/serve.ts";
import type { Listener } from "../core/listener.ts";
import { pairOf, splice } from "../core/splice.ts";
import { withTimeout } from "../core/time.ts";
import { reportable } from "../relay/connections.ts";
import { tap } from "../wrap/tap.ts";
import { EarlyInput } from "./early_input.ts";
import { type Announcement, newVisitorId } from "../transports/gate/protocol.ts";

/** Visitors of one port that may wait to be taken. */
const MAX_WAITING = 128;
/** Time for a visitor to be taken, milliseconds. */
const TAKE_TIMEOUT = 10_000;

interface Waiting {
  readonly taken: PromiseWithResolvers<Duplex>;
  /** Settles when the visitor's connection is over. */
  readonly over: PromiseWithResolvers<void>;
}

/**
 * A visitor from its announcement on. Who takes it can close only the connection to us, which looks
 * like a half-close until the visitor sends something: so it says that it has left, too.
 */
class Stay {
  #connection: Connection | undefined;
  #isLeft = false;
  #hasEof = false;

  /** The visitor, joined with who takes it. */
  begin(connection: Connection): Connection {
    this.#connection = connection;
    return tap(connection, {
      sentEof: () => {
        this.#hasEof = true;
        this.#closeIfOver();
      },
    });
  }

  /** Closes the visitor behind what it is being sent. */
  leave(): void {
    this.#isLeft = true;
    this.#closeIfOver();
  }

  #closeIfOver(): void {
    if (this.#isLeft && this.#hasEof) this.#connection!.close();
  }
}

export class Visitors {
  readonly #waiting = new Map<string, Waiting>();
  /** All visitors that are here. */
  readonly #stays = new Map<string, Stay>();
  /** Who waits holds its descriptor only until the process needs it for another. */
  readonly #untaken = new Handshakes();

  /**
   * @param announce Announces visitors to who listens.
   * @param observe What options ask for around a visitor's connection.
   */
  constructor(
    private readonly listeners: readonly Listener[],
    private readonly announce: (announcement: Announcement) => void,
    private readonly observe: (accepted: Accepted) => Duplex,
  ) {}

  /** Serves visitors until the listeners are closed and the last one has left, or until `stop`. */
  async serve(options: ServeOptions): Promise<void> {
    await serve(this.listeners, (accepted) => this.#join(accepted), options);
  }

  /** Closes the port, and those who wait. Visitors that are taken stay. */
  close(): void {
    for (const listener of this.listeners) listener.close();
    for (const id of this.#waiting.keys()) this.refuse(id);
  }

  /** Closes a visitor: one that waits at once, another when it has got what its taker has sent. */
  refuse(id: string): void {
    this.#stays.get(id)?.leave();
    this.#leave(id, new SessionOverError("gate", "", "the visitor isn't taken"));
  }

  #leave(id: string, why: Error): void {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    waiting?.taken.reject(why);
  }

  /** Whether a visitor of that name waits here. */
  awaits(id: string): boolean {
    return this.#waiting.has(id);
  }

  /** Who takes a visitor that waits; undefined where it doesn't wait here. */
  claim(id: string): ((stream: Duplex) => Promise<void>) | undefined {
    const waiting = this.#waiting.get(id);
    if (!waiting) return undefined;
    this.#waiting.delete(id);
    return async (stream) => {
      waiting.taken.resolve(stream);
      await waiting.over.promise;
    };
  }

  /** Announces a visitor, waits until it is taken, and joins it with who takes it. */
  async #join(accepted: Accepted): Promise<void> {
    const connection = new EarlyInput(accepted.connection as Duplex);
    const over = Promise.withResolvers<void>();
    const id = newVisitorId();
    const stay = new Stay();
    this.#stays.set(id, stay);
    try {
      const taker = await this.#taken(id, accepted, connection.broken, over).catch((error) => {
        connection.close(error);
        throw error;
      });
      const visitor = stay.begin(this.observe({ ...accepted, connection }));
      await splice(pairOf(visitor, taker)).catch((error) => {
        throw reportable(error, visitor, taker);
      });
    } finally {
      this.#stays.delete(id);
      over.resolve();
    }
  }

  /** Resolves with who takes a visitor. Rejects where it has gone before, or nobody does. */
  async #taken(
    id: string,
    { peer, local }: Accepted,
    broken: Promise<Error>,
    over: Waiting["over"],
  ): Promise<Duplex> {
    if (this.#waiting.size >= MAX_WAITING) {
      throw new TimeoutError("gate", peer, `${MAX_WAITING} visitors wait already to be taken`);
    }
    const taken = Promise.withResolvers<Duplex>();
    this.#waiting.set(id, { taken, over });
    this.announce({ visitor: id, peer, local });
    broken.then((why) => this.#leave(id, why));
    const untaken = this.#untaken.begin(peer);
    using _ = onAbort(untaken.signal, () => this.refuse(id));
    const reason = `nobody has taken it for ${TAKE_TIMEOUT / 1000} s`;
    const late = () => new TimeoutError("gate", peer, reason);
    try {
      return await withTimeout(taken.promise, TAKE_TIMEOUT, late);
    } catch (error) {
      this.#waiting.delete(id);
      this.announce({ gone: id });
      throw error;
    } finally {
      untaken.settle();
    }
  }
}
