/** Stream sockets with abstract names (unix(7)). */
import { BACKLOG } from "./bind.ts";
import { SOCK_STREAM } from "./descriptor.ts";
import { type Libc, POLLIN, POLLOUT } from "./libc.ts";
import { LibcSocket, openUnix, requireCalls, SOCKET_FLAGS } from "./libc_socket.ts";
import { unixSockaddr } from "./sockaddr.ts";
import { register } from "./unix_descriptor.ts";

const SHUT_WR = 1;

/** Connects to an abstract name. Throws as the runtime does. */
export function connectAbstract(path: string): Deno.UnixConn {
  const calls = requireCalls("unix", path);
  const sockaddr = unixSockaddr(path);
  const number = openUnix(calls, SOCK_STREAM, (number) => {
    return calls.connect(number, sockaddr, sockaddr.length);
  });
  return connected(calls, number);
}

/** Listens at an abstract name. Throws as the runtime does. */
export function listenAbstract(path: string): Deno.UnixListener {
  const calls = requireCalls("unix", path);
  const sockaddr = unixSockaddr(path);
  const number = openUnix(calls, SOCK_STREAM, (number) => {
    return calls.bind(number, sockaddr, sockaddr.length) || calls.listen(number, BACKLOG);
  });
  const listener: Pick<Deno.UnixListener, "accept" | "close"> = new AbstractListener(calls, number);
  return listener as Deno.UnixListener;
}

function connected(calls: Libc, number: number): Deno.UnixConn {
  const conn: Pick<Deno.UnixConn, "read" | "write" | "closeWrite" | "close" | "localAddr"> =
    new AbstractConn(calls, number);
  register(calls, number, conn as Deno.UnixConn);
  return conn as Deno.UnixConn;
}

class AbstractConn extends LibcSocket {
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

class AbstractListener extends LibcSocket {
  async accept(): Promise<Deno.UnixConn> {
    const number = await this.whenReady(POLLIN, () => {
      return this.calls.accept4!(this.number, null, null, SOCKET_FLAGS);
    });
    return connected(this.calls, number);
  }
}
