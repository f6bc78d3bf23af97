/**
 * A UDP socket whose datagrams the C library receives and sends: a call of the runtime costs about
 * as much as the kernel's work for a datagram. The runtime waits for the first of a burst; those
 * that have arrived with it are read at once.
 */
import { isMulticast } from "../../address/ip.ts";
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import { sleep } from "../../core/time.ts";
import {
  datagramSocketAt,
  type Descriptor,
  errnoOf,
  setOption,
  socketCalls,
  SOL_SOCKET,
} from "../descriptor.ts";
import { systemError } from "../failure.ts";
import { type Libc, POLLIN } from "../libc.ts";
import { EAGAIN } from "../libc_socket.ts";
import { message } from "../message.ts";
import type { Deliver } from "../datagram/datagrams.ts";
import { RuntimeDatagrams, type UdpDatagrams, type UdpPeer } from "./datagrams.ts";
import { type DirectPeer, DirectPeers } from "./direct_peers.ts";
import { type Pktinfo, receivePktinfo } from "./pktinfo.ts";
import { sharedDescriptor } from "./shared_port.ts";

/** The runtime has it without a module; its types only since 2.9. */
declare const setImmediate: (callback: () => void) => void;

/**
 * Datagrams to receive before other sockets and timers get their turn. The answers wait at other
 * sockets: one that went on and on would let their receive buffers overflow.
 */
const MAX_IN_A_ROW = 64;
/** Bytes that may wait in the kernel for a busy program; a small datagram counts for 768. */
const RECEIVE_BUFFER = 2 * 1024 * 1024;
/** The option for it (socket(7)). */
const SO_RCVBUF = 8;

const MSG_DONTWAIT = 0x40;
/** Milliseconds until a datagram is sent again for which the kernel had no room. */
const RETRY_DELAY = 1;
/** The errno(3) of a call that was interrupted. */
const EINTR = 4;
/** Where the number of a failure can't be read. */
const UNKNOWN = -1;

/**
 * A listener's socket, by the C library's calls where it is there, else by the runtime's; also for
 * a multicast group, which several sockets of this process may be bound to.
 */
export function listening(conn: Deno.DatagramConn): UdpDatagrams {
  const address = conn.addr as Deno.NetAddr;
  const calls = socketCalls();
  const descriptor = sharedDescriptor(conn) ?? datagramSocketAt(address);
  if (!calls || !descriptor || isMulticast(address.hostname)) return new RuntimeDatagrams(conn);
  const pktinfo = receivePktinfo(address, descriptor, calls);
  return new DirectDatagrams(conn, descriptor, calls, { pktinfo, connected: false });
}

/** A socket with one peer, to which `descriptor` is connected; undefined where it isn't. */
export function connected(
  conn: Deno.DatagramConn,
  descriptor: Descriptor | undefined,
): UdpDatagrams {
  const calls = socketCalls();
  if (!calls || !descriptor) return new RuntimeDatagrams(conn);
  return new DirectDatagrams(conn, descriptor, calls, { connected: true });
}

class DirectDatagrams implements UdpDatagrams {
  readonly #number: number;
  readonly #poll = new Int32Array(2);
  readonly #buffer: Uint8Array;
  readonly #peers: DirectPeers;
  #closed = false;

  constructor(
    private readonly conn: Deno.DatagramConn,
    private readonly descriptor: Descriptor,
    private readonly calls: Libc,
    private readonly options: { readonly connected: boolean; readonly pktinfo?: Pktinfo },
  ) {
    this.#number = descriptor.number;
    this.#poll.set([this.#number, POLLIN]);
    this.#peers = new DirectPeers(options.pktinfo);
    this.#buffer = new Uint8Array(options.pktinfo ? 0 : LARGEST_DATAGRAM + 1);
    setOption(calls, this.#number, SO_RCVBUF, SOL_SOCKET, RECEIVE_BUFFER);
  }

  get addr(): Deno.NetAddr {
    return this.conn.addr as Deno.NetAddr;
  }

  async receive(deliver: Deliver<UdpPeer>): Promise<void> {
    await this.#wait(deliver);
    for (let count = 0; count < MAX_IN_A_ROW; count++) {
      if (this.#closed) throw new Deno.errors.BadResource("closed");
      const length = this.#receiveNow();
      if (length < 0) return;
      deliver(message.data.slice(0, length), this.#peers.sender());
    }
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  send(data: Uint8Array, to: Deno.NetAddr): Promise<unknown> | undefined {
    // The descriptor's number may be another socket's by now.
    if (this.#closed) return Promise.reject(new Deno.errors.BadResource("closed"));
    if (this.#sendNow(data, to)) return undefined;
    const number = errnoOf(this.calls);
    if (number === EAGAIN && this.options.pktinfo) return this.#sendLater(data, to);
    const error = systemError(number);
    // The kernel reports an ICMP error once. The runtime waits for room, and gets any other failure
    // again, with words.
    const isAgain = number === EAGAIN || error.code === undefined;
    return isAgain ? this.conn.send(data, to) : Promise.reject(error);
  }

  /** Sends once there is room. The runtime would choose anew which address of ours it is from. */
  async #sendLater(data: Uint8Array, to: Deno.NetAddr): Promise<unknown> {
    await sleep(RETRY_DELAY);
    return await this.send(data, to);
  }

  close(): void {
    this.#closed = true;
    if (this.options.pktinfo) this.descriptor.shutdown(); // Wakes the pending poll.
    this.conn.close();
  }

  /** Waits for a datagram. The runtime waits by receiving it, but without its control data. */
  async #wait(deliver: Deliver<UdpPeer>): Promise<void> {
    if (this.options.pktinfo) {
      await this.calls.poll(this.#poll, 1n, -1);
      return;
    }
    const [data, from] = await this.conn.receive(this.#buffer);
    deliver(data.slice(), this.#peers.at(from as Deno.NetAddr));
  }

  /** The bytes of a datagram in `message`, or -1 if there is none. Throws an ICMP error. */
  #receiveNow(): number {
    this.#setSizes(message.name.length, message.data.length, this.options.pktinfo?.space ?? 0);
    const length = Number(this.calls.recvmsg(this.#number, message.header, MSG_DONTWAIT));
    if (length >= 0) return length;
    const number = errnoOf(this.calls);
    if (number === EAGAIN || number === EINTR || number === UNKNOWN) return -1;
    throw systemError(number);
  }

  #sendNow(data: Uint8Array, to: Deno.NetAddr): boolean {
    message.data.set(data);
    if (this.options.connected) this.#setSizes(0, data.length, 0);
    else {
      const { sockaddr, pktinfo } = to as DirectPeer;
      message.name.set(sockaddr);
      message.control.set(pktinfo);
      this.#setSizes(sockaddr.length, data.length, this.options.pktinfo?.space ?? 0);
    }
    return this.calls.sendmsg(this.#number, message.header, MSG_DONTWAIT) >= 0;
  }

  #setSizes(name: number, data: number, control: number): void {
    message.header[1] = BigInt(name);
    message.vector[1] = BigInt(data);
    message.header[5] = BigInt(control);
    message.header[6] = 0n;
  }
}
