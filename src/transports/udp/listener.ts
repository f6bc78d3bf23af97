/** A bound UDP socket as a `Listener`: the first datagram of a peer is its connection. */
import { SessionOverError } from "../../core/errors.ts";
import { deadline } from "../../core/deadlines.ts";
import type { Log } from "../../core/log.ts";
import { BoundedQueue } from "../../core/queue.ts";
import type { Evictable, Incoming, Listener } from "../../core/listener.ts";
import { ThrottledCounter } from "../../core/throttled_counter.ts";
import { formatPeer } from "../peer.ts";
import type { AskingPeer } from "./asked.ts";
import { UdpSession } from "./session.ts";
import { UdpSocket } from "./socket.ts";

/** New peers that may wait to be accepted. */
const BACKLOG = 1024;

/** A session and what its listener must know of it. */
interface Entry {
  readonly key: string;
  readonly session: UdpSession;
  /** Somebody serves it. */
  accepted: boolean;
  /** When it last sent or received, in milliseconds of `performance.now()`. */
  active: number;
}

export class UdpListener implements Listener {
  readonly #socket: UdpSocket;
  /** By address of the peer, the longest silent first. */
  readonly #entries = new Map<string, Entry>();
  readonly #incoming = new BoundedQueue<Entry>({ count: BACKLOG });
  readonly #dropped: ThrottledCounter;
  readonly #replaced: ThrottledCounter;
  #latest: Entry | undefined;
  #cancel: (() => void) | undefined;
  #closed = false;
  #ignored = 0;

  /** @param idle Silence that ends a session, milliseconds. */
  constructor(
    conn: Deno.DatagramConn,
    readonly addresses: readonly string[],
    private readonly idle: number,
    private readonly log: Log,
  ) {
    this.#socket = new UdpSocket(conn, log, (data, from) => this.#deliver(data, from));
    const address = addresses[0]!;
    this.#dropped = new ThrottledCounter((count) =>
      log.warn("dropped", `${address}: dropped ${datagrams(count)}: received faster than taken`, {
        address,
        count,
      })
    );
    this.#replaced = new ThrottledCounter((count) =>
      log.warn("replaced", `${address}: ended ${sessions(count)}, silent longest, for new ones`, {
        address,
        count,
      })
    );
  }

  async accept(): Promise<Incoming | null> {
    const entry = await this.#incoming.next();
    if (!entry) return null;
    const { session } = entry;
    return {
      peer: session.peer,
      local: formatPeer(this.#socket.address),
      open: () => {
        entry.accepted = true;
        return Promise.resolve(session);
      },
      refuse: () => session.close(),
    };
  }

  longestIdle(): Evictable | undefined {
    const entry = this.#entries.values().find(({ accepted }) => accepted);
    return entry && { since: entry.active, evict: () => this.#replace(entry) };
  }

  #replace({ session }: Entry): void {
    const reason = "a newer connection needs the room";
    session.close(new SessionOverError("close", session.peer, reason));
    this.#replaced.add();
  }

  /** Sessions that are served go on, on the same socket; other peers aren't heard any more. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { session } of this.#incoming.end()) session.close();
    this.#tidy();
    this.#socket.release();
  }

  #deliver(data: Uint8Array, from: Deno.NetAddr): void {
    const key = `${from.hostname} ${from.port} ${(from as AskingPeer).asked ?? ""}`;
    const entry = this.#entries.get(key) ?? this.#admit(key, from);
    if (!entry) return;
    this.#touch(entry);
    if (!entry.session.deliver(data)) this.#dropped.add();
  }

  /** A session for a new peer, unless nobody is going to serve it. */
  #admit(key: string, from: Deno.NetAddr): Entry | undefined {
    if (this.#closed) {
      if (this.#ignored++ === 0) {
        this.log.debug("ignored", `ignoring what ${formatPeer(from)} and other new peers send`);
      }
      return undefined;
    }
    const session: UdpSession = new UdpSession(this.#socket, from, formatPeer(from), {
      log: this.log,
      expires: true,
      onSent: () => this.#touch(entry),
      onClose: () => this.#forget(entry),
    });
    const entry: Entry = { key, session, accepted: false, active: 0 };
    this.#socket.retain();
    if (!this.#incoming.push(entry)) {
      session.close();
      this.#dropped.add();
      return undefined;
    }
    this.#entries.set(key, entry);
    this.#cancel ??= deadline(this.idle, () => this.#expire());
    return entry;
  }

  /** Moves a session to the end of the order. */
  #touch(entry: Entry): void {
    entry.active = performance.now();
    if (this.#latest === entry || !this.#entries.delete(entry.key)) return;
    this.#entries.set(entry.key, entry);
    this.#latest = entry;
  }

  #forget(entry: Entry): void {
    if (this.#entries.get(entry.key) === entry) this.#entries.delete(entry.key);
    if (this.#latest === entry) this.#latest = undefined;
    this.#tidy();
  }

  /** Ends what has been silent for too long, and looks again when the next one may be. */
  #expire(): void {
    this.#cancel = undefined;
    const seconds = this.idle / 1000;
    const excused: Entry[] = [];
    for (const entry of this.#entries.values()) {
      const { active, session } = entry;
      const left = active + this.idle - performance.now();
      if (left > 0) {
        this.#cancel = deadline(left, () => this.#expire());
        break;
      }
      if (session.excused + this.idle > performance.now()) excused.push(entry);
      else session.close(new SessionOverError("close", session.peer, `silent for ${seconds} s`));
    }
    for (const entry of excused) this.#touch(entry);
    if (excused.length > 0) this.#cancel ??= deadline(this.idle, () => this.#expire());
  }

  /** Lets go of what only a listener with peers, present or future, needs. */
  #tidy(): void {
    if (this.#entries.size > 0) return;
    this.#cancel?.();
    this.#cancel = undefined;
    if (!this.#closed) return;
    this.#dropped.close();
    this.#replaced.close();
  }
}

function datagrams(count: number): string {
  return count === 1 ? "1 datagram" : `${count} datagrams`;
}

function sessions(count: number): string {
  return count === 1 ? "1 session" : `${count} sessions`;
}
