/** A bound Unix socket for datagrams. */
import { formatSocketPath } from "../address/socket_path.ts";
import { BrokenError } from "../core/errors.ts";
import { LARGEST_UNIX_DATAGRAM } from "../core/limits.ts";
import { sleep } from "../core/time.ts";
import type { Datagrams, Deliver } from "./datagram/datagrams.ts";
import { SOCK_DGRAM } from "./descriptor.ts";
import { POLLIN, POLLOUT } from "./libc.ts";
import { LibcSocket, openUnix, requireCalls } from "./libc_socket.ts";
import { MAX_SOCKADDR_SIZE, unixPathOf, unixSockaddr } from "./sockaddr.ts";

/** A peer; its path is empty where it is bound to none, and then so is its key. */
export type UnixPeer = Deno.UnixAddr & { readonly key: string };
export type UnixDatagrams = Datagrams<UnixPeer>;

/** Milliseconds until a datagram that had no room is delivered again. */
const RETRY_DELAY = 1;

/** Makes recvfrom(2) return the whole length of a datagram, also of one that was cut. */
const MSG_TRUNC = 0x20;

/**
 * Binds a socket to a path or an abstract name. A sender to `only` is told by the system when there
 * is room again at a receiver that was full; otherwise it has to try. Throws as the runtime does.
 */
export function bindDatagrams(path: string, only?: string): UnixDatagrams {
  const calls = requireCalls("unixgram", path);
  const own = unixSockaddr(path);
  const number = openUnix(calls, SOCK_DGRAM, (number) => {
    const failed = calls.bind(number, own, own.length);
    if (failed || only === undefined) return failed;
    const target = unixSockaddr(only);
    return calls.connect(number, target, target.length);
  });
  const addr: Deno.UnixAddr = { transport: "unixpacket", path };
  return new UnixDatagramSocket(calls, number, addr, only !== undefined);
}

class UnixDatagramSocket extends LibcSocket implements UnixDatagrams {
  readonly #data = new Uint8Array(LARGEST_UNIX_DATAGRAM);
  readonly #name = new Uint8Array(MAX_SOCKADDR_SIZE);
  readonly #length = new Uint32Array(1);

  constructor(
    calls: ConstructorParameters<typeof LibcSocket>[0],
    number: number,
    readonly addr: Deno.UnixAddr,
    private readonly isConnected: boolean,
  ) {
    super(calls, number);
  }

  /** Receives one datagram. Until it is taken no other is received, which slows senders down. */
  async receive(deliver: Deliver<UnixPeer>): Promise<void> {
    let path = "";
    const size = BigInt(LARGEST_UNIX_DATAGRAM);
    const length = this.#length;
    const count = await this.whenReady(POLLIN, () => {
      length[0] = this.#name.length;
      const { number } = this;
      const received = this.calls.recvfrom(number, this.#data, size, MSG_TRUNC, this.#name, length);
      path = unixPathOf(this.#name.subarray(0, length[0]));
      return Number(received);
    });
    if (count > LARGEST_UNIX_DATAGRAM) {
      throw new BrokenError(
        "receive from",
        path ? `unixgram:${formatSocketPath(path)}` : "a peer without a path",
        `more than ${LARGEST_UNIX_DATAGRAM} bytes at once: dropped`,
      );
    }
    const data = this.#data.slice(0, count);
    const from: UnixPeer = { transport: "unixpacket", path, key: path };
    while (deliver(data, from) === false && !this.isClosed) await sleep(RETRY_DELAY);
  }

  async send(data: Uint8Array, to: Deno.UnixAddr): Promise<number> {
    const sockaddr = unixSockaddr(to.path);
    const size = BigInt(data.length);
    return await this.whenReady(this.isConnected ? POLLOUT : undefined, () => {
      return Number(
        this.calls.sendto(
          this.number,
          data as Uint8Array<ArrayBuffer>,
          size,
          0,
          sockaddr,
          sockaddr.length,
        ),
      );
    });
  }
}
