/**
 * Unix sockets for streams that the runtime can't have: those with abstract names (unix(7)), and
 * those whose path is short enough only as it is written. The runtime makes it absolute.
 */
import { isAbstract } from "../address/socket_path.ts";
import { UsageError } from "../core/errors.ts";
import { platform } from "../platform/platform.ts";
import { BACKLOG } from "./bind.ts";
import { SOCK_STREAM, socketCalls } from "./descriptor.ts";
import { type Libc, POLLIN, POLLOUT } from "./libc.ts";
import { LibcSocket, openUnix, requireCalls, SOCKET_FLAGS } from "./libc_socket.ts";
import { unixSockaddr } from "./sockaddr.ts";
import type { UnixAddress } from "./unix_address.ts";
import { register } from "./unix_descriptor.ts";

const SHUT_WR = 1;

/**
 * Whether the socket has to be had through the C library. Throws a `UsageError` for a path that
 * nothing here can take.
 */
export function needsLibc({ path, text }: UnixAddress): boolean {
  if (isAbstract(path)) return true;
  const { unixPathMax } = platform();
  const size = absoluteSize(path);
  if (size <= unixPathMax) return false;
  if (socketCalls()) return true;
  const reason = `expected a path of at most ${unixPathMax} bytes; here this one is ${size} long`;
  throw new UsageError(text, reason);
}

/** The size of a path that is made absolute, bytes. */
function absoluteSize(path: string): number {
  if (path.startsWith("/")) return 0; // It was measured when it was parsed.
  try {
    return new TextEncoder().encode(`${Deno.cwd()}/${path}`).length;
  } catch {
    return 0; // It has been removed, as the runtime will say.
  }
}

/** Connects to a path or an abstract name, without waiting. Throws as the runtime does. */
export function connectByLibc(path: string): Deno.UnixConn {
  const calls = requireCalls("unix", path);
  const sockaddr = unixSockaddr(path);
  const number = openUnix(calls, SOCK_STREAM, (number) => {
    return calls.connect(number, sockaddr, sockaddr.length);
  });
  return connected(calls, number);
}

/** Listens at a path or an abstract name. Throws as the runtime does. */
export function listenByLibc(path: string): Deno.UnixListener {
  const calls = requireCalls("unix", path);
  const sockaddr = unixSockaddr(path);
  const number = openUnix(calls, SOCK_STREAM, (number) => {
    return calls.bind(number, sockaddr, sockaddr.length) || calls.listen(number, BACKLOG);
  });
  const listener: Pick<Deno.UnixListener, "accept" | "close"> = new LibcListener(calls, number);
  return listener as Deno.UnixListener;
}

function connected(calls: Libc, number: number): Deno.UnixConn {
  const conn: Pick<Deno.UnixConn, "read" | "write" | "closeWrite" | "close" | "localAddr"> =
    new LibcConn(calls, number);
  register(calls, number, conn as Deno.UnixConn);
  return conn as Deno.UnixConn;
}

class LibcConn extends LibcSocket {
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
    // The descriptor's number may be another socket's by now.
    if (this.isClosed) return Promise.reject(new Deno.errors.BadResource("closed"));
    this.calls.shutdown(this.number, SHUT_WR);
    return Promise.resolve();
  }
}

/** What the runtime has for the address of such a socket. */
const UNNAMED = { transport: "unix", path: null } as unknown as Deno.UnixAddr;

class LibcListener extends LibcSocket {
  async accept(): Promise<Deno.UnixConn> {
    const number = await this.whenReady(POLLIN, () => {
      return this.calls.accept4!(this.number, null, null, SOCKET_FLAGS);
    });
    return connected(this.calls, number);
  }
}
