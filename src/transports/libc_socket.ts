/**
 * Unix sockets of which the runtime has no whole interface: it takes abstract names only from a
 * program with every right there is, and a socket for datagrams can't send while it receives
 * (2.7.11). They are made and used through the C library, and need no right.
 */
import { formatSocketPath } from "../address/socket_path.ts";
import { UsageError } from "../core/errors.ts";
import { sleep } from "../core/time.ts";
import { errnoOf, socketCalls } from "./descriptor.ts";
import { systemError } from "./failure.ts";
import type { Libc } from "./libc.ts";
import { Poller } from "./poller.ts";
import { AF_UNIX } from "./sockaddr.ts";

/** Flags of socket(2): `SOCK_NONBLOCK` and `SOCK_CLOEXEC`. */
export const SOCKET_FLAGS = 0x800 | 0x80000;
/** The errno(3) of a call that would have to wait. */
export const EAGAIN = 11;
/** Calls in a row that needn't wait, before other work gets its turn. */
const MAX_IN_A_ROW = 16;
/** Milliseconds before a call is repeated for which the system doesn't tell when. */
const RETRY_DELAY = 1;

let poller: Poller | undefined;

/** The C library. Throws a `UsageError` for an address that can't be had without it. */
export function requireCalls(scheme: string, path: string): Libc {
  const calls = socketCalls();
  if (calls) return calls;
  const address = `${scheme}:${formatSocketPath(path)}`;
  throw new UsageError(address, "needs Linux and the GNU C library, which aren't here");
}

/**
 * The number of a new Unix socket of a type, with which `use` has returned 0; it is closed where
 * that failed. Throws the system's error.
 */
export function openUnix(calls: Libc, type: number, use: (number: number) => number): number {
  poller ??= new Poller(calls); // Before it takes the last descriptor.
  const number = calls.socket(AF_UNIX, type | SOCKET_FLAGS, 0);
  if (number >= 0 && use(number) === 0) return number;
  const error = systemError(errnoOf(calls));
  if (number >= 0) calls.close(number);
  throw error;
}

/** A descriptor whose calls are repeated once it is ready for them. */
export class LibcSocket {
  #inARow = 0;
  #isClosed = false;

  constructor(protected readonly calls: Libc, protected readonly number: number) {
    poller ??= new Poller(calls);
  }

  /**
   * The result of `call`, which returns -1 where it failed. Rejects with the system's error.
   *
   * @param events What to wait for (`POLLIN`); undefined where the system doesn't tell.
   */
  protected async whenReady(events: number | undefined, call: () => number): Promise<number> {
    while (!this.#isClosed) {
      if (this.#inARow++ < MAX_IN_A_ROW) {
        const result = call();
        if (result >= 0) return result;
        const number = errnoOf(this.calls);
        if (number !== EAGAIN) throw systemError(number);
      }
      this.#inARow = 0;
      await (events === undefined ? sleep(RETRY_DELAY) : poller!.wait(this.number, events));
    }
    throw new Deno.errors.BadResource("closed");
  }

  /** Resolves once it is ready for `events` or has failed, or is closed. */
  protected async untilReady(events: number): Promise<void> {
    if (!this.#isClosed) await poller!.wait(this.number, events);
  }

  protected get isClosed(): boolean {
    return this.#isClosed;
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("closed");
    this.#isClosed = true;
    poller!.forget(this.number);
    this.calls.close(this.number);
  }
}
