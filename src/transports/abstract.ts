/**
 * Stream sockets with abstract names (unix(7)). The runtime takes such a name only from a program
 * with every right there is, which coax hasn't; so these sockets are made and used through the C
 * library, and need no right at all.
 */
import { UsageError } from "../core/errors.ts";
import { BACKLOG } from "./bind.ts";
import { errnoOf, socketCalls } from "./descriptor.ts";
import { systemError } from "./failure.ts";
import type { Libc } from "./libc.ts";
import { Poller, POLLIN, POLLOUT } from "./poller.ts";
import { AF_UNIX, unixSockaddr } from "./sockaddr.ts";
import { register } from "./unix_descriptor.ts";

/** `SOCK_STREAM`, and the flags `SOCK_NONBLOCK` and `SOCK_CLOEXEC` (socket(2)). */
const STREAM = 1;
const FLAGS = 0x800 | 0x80000;
const SHUT_WR = 1;
const EAGAIN = 11;
/** Calls in a row that needn't wait, before other work gets its turn. */
const MAX_IN_A_ROW = 16;

let poller: Poller | undefined;

/** Connects to an abstract name. Throws as the runtime does. */
export function connectAbstract(path: string): Deno.UnixConn {
  const calls = requireCalls(path);
  const sockaddr = unixSockaddr(path);
  return connected(
    calls,
    opened(calls, (number) => calls.connect(number, sockaddr, sockaddr.length)),
  );
}

/** Listens at an abstract name. Throws as the runtime does. */
export function listenAbstract(path: string): Deno.UnixListener {
  const calls = requireCalls(path);
  const sockaddr = unixSockaddr(path);
  const number = opened(calls, (number) => {
    return calls.bind(number, sockaddr, sockaddr.length) || calls.listen(number, BACKLOG);
  });
  const listener: Pick<Deno.UnixListener, "accept" | "close"> = new AbstractListener(calls, number);
  return listener as Deno.UnixListener;
}

function requireCalls(path: string): Libc {
  const calls = socketCalls();
  if (calls) return calls;
  const address = `unix:@${path.slice(1)}`;
  throw new UsageError(address, "abstract sockets need the GNU C library, which isn't here");
}

/** The number of a new socket with which `use` has returned 0; it is closed where that failed. */
function opened(calls: Libc, use: (number: number) => number): number {
  const number = calls.socket(AF_UNIX, STREAM | FLAGS, 0);
  if (number >= 0 && use(number) === 0) return number;
  const error = systemError(errnoOf(calls));
  if (number >= 0) calls.close(number);
  throw error;
}

function connected(calls: Libc, number: number): Deno.UnixConn {
  const conn: Pick<Deno.UnixConn, "read" | "write" | "closeWrite" | "close" | "localAddr"> =
    new AbstractConn(calls, number);
  register(calls, number, conn as Deno.UnixConn);
  return conn as Deno.UnixConn;
}

/** A descriptor whose calls are repeated once it is ready for them. */
class AbstractSocket {
  #inARow = 0;
  #isClosed = false;

  constructor(protected readonly calls: Libc, protected readonly number: number) {
    poller ??= new Poller(calls);
  }

  /** The result of `call`, which returns -1 where it failed. Rejects with the system's error. */
  protected async whenReady(events: number, call: () => number): Promise<number> {
    while (!this.#isClosed) {
      if (this.#inARow++ < MAX_IN_A_ROW) {
        const result = call();
        if (result >= 0) return result;
        const number = errnoOf(this.calls);
        if (number !== EAGAIN) throw systemError(number);
      }
      this.#inARow = 0;
      await poller!.wait(this.number, events);
    }
    throw new Deno.errors.BadResource("closed");
  }

  close(): void {
    if (this.#isClosed) throw new Deno.errors.BadResource("closed");
    this.#isClosed = true;
    this.calls.close(this.number);
    poller!.forget(this.number);
  }
}

class AbstractConn extends AbstractSocket {
  readonly localAddr = UNNAMED;
  readonly remoteAddr = UNNAMED;

  async read(buffer: Uint8Array<ArrayBuffer>): Promise<number | null> {
    const size = BigInt(buffer.length);
    const count = await this.whenReady(POLLIN, () => {
      return Number(this.calls.read(this.number, buffer, size));
    });
    return count === 0 ? null : count;
  }

  async write(bytes: Uint8Array<ArrayBuffer>): Promise<number> {
    const size = BigInt(bytes.length);
    return await this.whenReady(POLLOUT, () => {
      return Number(this.calls.write(this.number, bytes, size));
    });
  }

  closeWrite(): Promise<void> {
    this.calls.shutdown(this.number, SHUT_WR);
    return Promise.resolve();
  }
}

/** What the runtime has for the address of such a socket. */
const UNNAMED = { transport: "unix", path: null } as unknown as Deno.UnixAddr;

class AbstractListener extends AbstractSocket {
  async accept(): Promise<Deno.UnixConn> {
    const number = await this.whenReady(POLLIN, () => {
      return this.calls.accept4!(this.number, null, null, FLAGS);
    });
    return connected(this.calls, number);
  }
}
