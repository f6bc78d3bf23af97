/** A bound socket for datagrams as a `Listener`: a peer's first datagram opens a session. */
import { SessionOverError } from "../../core/errors.ts";
import { deadline } from "../../core/deadlines.ts";
import type { Log } from "../../core/log.ts";
import { BoundedQueue } from "../../core/queue.ts";
import type { Evictable, Incoming, Listener } from "../../core/listener.ts";
import { ThrottledCounter } from "../../core/throttled_counter.ts";
import type { Datagrams, Peer } from "./datagrams.ts";
import { DatagramSession, type SessionOptions } from "./session.ts";
import { DatagramSocket } from "./socket.ts";

/** Milliseconds without a datagram after which a session is closed by default. */
export const DEFAULT_IDLE_TIMEOUT = 60_000;

/** New peers that may wait to be accepted. */
const BACKLOG = 1024;

/** What differs between the kinds of sockets. */
export interface DatagramKind<P extends Peer> {
  /** Our address, as peers are told it. */
  readonly local: string;
  /** The peer, as the log shows it. */
  format(from: P): string;
  /** Whether senders wait for a full session; where they can't, datagrams are dropped. */
  readonly slowsSenders?: boolean;
  /** Options of a session with that peer. */
  session?(from: P): Partial<SessionOptions>;
}

/** A session and what its listener knows of it. */
interface TrackedSession<P extends Peer> {
  readonly key: string;
  readonly session: DatagramSession<P>;
  /** Whether `open` has been called. */
  accepted: boolean;
  /** When it last sent or received, in milliseconds of `performance.now()`. */
  lastActive: number;
}

export class DatagramListener<P extends Peer> implements Listener {
  readonly #socket: DatagramSocket<P>;
  /** By address of the peer, the longest idle first. */
  readonly #sessions = new Map<string, TrackedSession<P>>();
  readonly #incoming = new BoundedQueue<TrackedSession<P>>({ count: BACKLOG });
  readonly #dropped: ThrottledCounter;
  readonly #evicted: ThrottledCounter;
  #latest: TrackedSession<P> | undefined;
  #cancelExpiry: (() => void) | undefined;
  #closed = false;
  #ignored = 0;

  /** @param idle Milliseconds without a datagram after which a session is closed. */
  constructor(
    bound: Datagrams<P>,
    readonly addresses: readonly string[],
    private readonly idle: number,
    private readonly log: Log,
    private readonly kind: DatagramKind<P>,
  ) {
    this.#socket = new DatagramSocket(bound, log, (data, from) => this.#deliver(data, from));
    const address = addresses[0]!;
    this.#dropped = new ThrottledCounter((count) =>
      log.warn("dropped", `${address}: dropped ${datagrams(count)}: received faster than taken`, {
        address,
        count,
      })
    );
    this.#evicted = new ThrottledCounter((count) =>
      log.warn("replaced", `${address}: ended ${sessions(count)}, silent longest, for new ones`, {
        address,
        count,
      })
    );
  }

  async accept(): Promise<Incoming | null> {
    const tracked = await this.#incoming.next();
    if (!tracked) return null;
    const { session } = tracked;
    return {
      peer: session.peer,
      local: this.kind.local,
      open: () => {
        tracked.accepted = true;
        return Promise.resolve(session);
      },
      refuse: () => session.close(),
    };
  }

  longestIdle(): Evictable | undefined {
    const tracked = this.#sessions.values().find(({ accepted }) => accepted);
    return tracked && { since: tracked.lastActive, evict: () => this.#evict(tracked) };
  }

  #evict({ session }: TrackedSession<P>): void {
    const reason = "a newer connection needs the room";
    session.close(new SessionOverError("close", session.peer, reason));
    this.#evicted.add();
  }

  /** Stops accepting. Accepted sessions go on, on the same socket; new peers are ignored. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { session } of this.#incoming.close()) session.close();
    this.#cleanUp();
    this.#socket.release();
  }

  #deliver(data: Uint8Array, from: P): boolean {
    const tracked = this.#sessions.get(from.key) ?? this.#createSession(from);
    if (!tracked) return true;
    if (tracked.session.deliver(data)) this.#touch(tracked);
    else if (this.kind.slowsSenders) return false;
    else this.#dropped.add();
    return true;
  }

  /** Makes a session for a new peer, unless the listener is closed or the backlog full. */
  #createSession(from: P): TrackedSession<P> | undefined {
    if (this.#closed) {
      if (this.#ignored++ === 0) {
        this.log.debug(
          "ignored",
          `ignoring what ${this.kind.format(from)} and other new peers send`,
        );
      }
      return undefined;
    }
    const peer = this.kind.format(from);
    const session: DatagramSession<P> = new DatagramSession(this.#socket, from, peer, {
      ...this.kind.session?.(from),
      log: this.log,
      expires: true,
      onSent: () => this.#touch(tracked),
      onClose: () => this.#forget(tracked),
    });
    const tracked: TrackedSession<P> = { key: from.key, session, accepted: false, lastActive: 0 };
    this.#socket.retain();
    if (!this.#incoming.push(tracked)) {
      session.close();
      this.#dropped.add();
      return undefined;
    }
    this.#sessions.set(from.key, tracked);
    this.#cancelExpiry ??= deadline(this.idle, () => this.#expire());
    return tracked;
  }

  /** Marks a session as active now: it becomes the last to expire. */
  #touch(tracked: TrackedSession<P>): void {
    tracked.lastActive = performance.now();
    if (this.#latest === tracked || !this.#sessions.delete(tracked.key)) return;
    this.#sessions.set(tracked.key, tracked);
    this.#latest = tracked;
  }

  #forget(tracked: TrackedSession<P>): void {
    if (this.#sessions.get(tracked.key) === tracked) this.#sessions.delete(tracked.key);
    if (this.#latest === tracked) this.#latest = undefined;
    this.#cleanUp();
  }

  /** Closes idle sessions, and sets the timer for the next one. */
  #expire(): void {
    this.#cancelExpiry = undefined;
    const seconds = this.idle / 1000;
    const excused: TrackedSession<P>[] = [];
    for (const tracked of this.#sessions.values()) {
      const { lastActive, session } = tracked;
      const left = lastActive + this.idle - performance.now();
      if (left > 0) {
        this.#cancelExpiry = deadline(left, () => this.#expire());
        break;
      }
      if (session.excused + this.idle > performance.now()) excused.push(tracked);
      else session.close(new SessionOverError("close", session.peer, `silent for ${seconds} s`));
    }
    for (const tracked of excused) this.#touch(tracked);
    if (excused.length > 0) this.#cancelExpiry ??= deadline(this.idle, () => this.#expire());
  }

  /** Without sessions, stops the timer, and the counters too once the listener is closed. */
  #cleanUp(): void {
    if (this.#sessions.size > 0) return;
    this.#cancelExpiry?.();
    this.#cancelExpiry = undefined;
    if (!this.#closed) return;
    this.#dropped.close();
    this.#evicted.close();
  }
}

function datagrams(count: number): string {
  return count === 1 ? "1 datagram" : `${count} datagrams`;
}

function sessions(count: number): string {
  return count === 1 ? "1 session" : `${count} sessions`;
}
