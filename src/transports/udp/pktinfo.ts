/**
 * A UDP socket bound to every interface that answers from the address a datagram was sent to. The
 * kernel passes that address as control data (`IP_PKTINFO`, ip(7); RFC 3542 §6), which the
 * runtime's receive leaves out. So this socket calls the C library.
 */
import { datagramSocketAt, type Descriptor, socketCalls } from "../descriptor.ts";
import type { Libc } from "../libc.ts";
import { message } from "../message.ts";
import { addressOf, sockaddrOf } from "../sockaddr.ts";

/** A peer, and the address that it sent to, as control data (cmsg(3)). */
export interface PktinfoPeer extends Deno.NetAddr {
  readonly pktinfo?: Uint8Array<ArrayBuffer>;
}

/** Option level, option, and bytes of control data of each family. */
const IPV4 = { level: 0, option: 8, size: 28 };
const IPV6 = { level: 41, option: 49, size: 36 };
const MSG_DONTWAIT = 0x40;
/** `events` of a `struct pollfd` (poll(2)). */
const POLLIN = 1;
/** Datagrams to receive before other work gets its turn. */
const MAX_IN_A_ROW = 32;
const CMSG_HEADER_SIZE = 16;

/** Wraps `conn` if it is bound to every interface and libc is there; else returns it. */
export function withPktinfo(conn: Deno.DatagramConn): Deno.DatagramConn {
  const { hostname } = conn.addr as Deno.NetAddr;
  const family = hostname === "0.0.0.0" ? IPV4 : hostname === "::" ? IPV6 : undefined;
  const calls = socketCalls();
  const descriptor = family && datagramSocketAt(conn.addr as Deno.NetAddr);
  if (!calls || !descriptor) return conn;
  const on = new Uint32Array([1]);
  if (calls.setsockopt(descriptor.number, family.level, family.option, on, 4) !== 0) return conn;
  const socket = new PktinfoSocket(conn, descriptor, calls, family.size);
  return socket as Pick<Deno.DatagramConn, "addr" | "receive" | "send" | "close"> as typeof conn;
}

class PktinfoSocket {
  readonly #poll = new Int32Array(2);
  #inARow = 0;
  #closed = false;

  constructor(
    private readonly conn: Deno.DatagramConn,
    private readonly descriptor: Descriptor,
    private readonly calls: Libc,
    private readonly size: number,
  ) {
    this.#poll.set([descriptor.number, POLLIN]);
  }

  get addr(): Deno.Addr {
    return this.conn.addr;
  }

  async receive(): Promise<[Uint8Array, PktinfoPeer]> {
    while (!this.#closed) {
      const length = this.#inARow++ < MAX_IN_A_ROW ? this.#receiveNow() : -1;
      if (length >= 0) return [message.data.slice(0, length), this.#sender()];
      this.#inARow = 0;
      await this.calls.poll(this.#poll, 1n, -1);
    }
    throw new Deno.errors.BadResource("closed");
  }

  async send(data: Uint8Array, to: PktinfoPeer): Promise<number> {
    return this.#sendFrom(data, to) ? data.length : await this.conn.send(data, to);
  }

  close(): void {
    this.#closed = true;
    this.descriptor.shutdown(); // Wakes the pending poll.
    this.conn.close();
  }

  #receiveNow(): number {
    this.#setSizes(BigInt(message.name.length), 65_536, BigInt(message.control.length));
    return Number(this.calls.recvmsg(this.descriptor.number, message.header, MSG_DONTWAIT));
  }

  #sender(): PktinfoPeer {
    const pktinfo = message.control.slice(0, this.size);
    // Clears the interface of IPv4: the routing table chooses it for the answer.
    if (this.size === IPV4.size) pktinfo.fill(0, CMSG_HEADER_SIZE, CMSG_HEADER_SIZE + 4);
    return { transport: "udp", ...addressOf(message.name), pktinfo };
  }

  /** Sends from the address that `to` has sent to; false if the kernel doesn't take it now. */
  #sendFrom(data: Uint8Array, to: PktinfoPeer): boolean {
    if (!to.pktinfo) return false;
    const sockaddr = sockaddrOf(to, 0);
    message.name.set(sockaddr);
    message.data.set(data);
    message.control.fill(0).set(to.pktinfo);
    this.#setSizes(BigInt(sockaddr.length), data.length, BigInt(this.size + 7 & ~7));
    return this.calls.sendmsg(this.descriptor.number, message.header, MSG_DONTWAIT) >= 0;
  }

  #setSizes(name: bigint, data: number, control: bigint): void {
    message.header[1] = name;
    message.vector[1] = BigInt(data);
    message.header[5] = control;
    message.header[6] = 0n;
  }
}
