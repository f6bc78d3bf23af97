/**
 * A UDP socket at every interface that knows which address each datagram was sent to, and answers
 * from that: the kernel tells it beside the datagram (`IP_PKTINFO`, ip(7); RFC 3542 §6), which the
 * runtime's receive leaves out, so these calls go to the C library.
 */
import { datagramSocketAt, type Descriptor, socketCalls } from "../descriptor.ts";
import type { Libc } from "../libc.ts";
import { message } from "../message.ts";
import { addressOf, sockaddrOf } from "../sockaddr.ts";

/** A peer, and which of our addresses it talks to, as control data (cmsg(3)) has it. */
export interface AskingPeer extends Deno.NetAddr {
  readonly asked?: Uint8Array<ArrayBuffer>;
}

/** `level, option, type, bytes` of each family. */
const IPV4 = { level: 0, option: 8, size: 28 };
const IPV6 = { level: 41, option: 49, size: 36 };
const DONT_WAIT = 0x40;
/** `POLLIN`, at its place in a `struct pollfd`. */
const READABLE = 1;
/** So many datagrams in a row let other work wait. */
const IN_A_ROW = 32;
const HEADER = 16;

/** `conn`, or the same socket with that knowledge where it matters and can be had. */
export function answeringAsAsked(conn: Deno.DatagramConn): Deno.DatagramConn {
  const { hostname } = conn.addr as Deno.NetAddr;
  const family = hostname === "0.0.0.0" ? IPV4 : hostname === "::" ? IPV6 : undefined;
  const calls = socketCalls();
  const descriptor = family && datagramSocketAt(conn.addr as Deno.NetAddr);
  if (!calls || !descriptor) return conn;
  const on = new Uint32Array([1]);
  if (calls.setsockopt(descriptor.number, family.level, family.option, on, 4) !== 0) return conn;
  const socket = new AskedSocket(conn, descriptor, calls, family.size);
  return socket as Pick<Deno.DatagramConn, "addr" | "receive" | "send" | "close"> as typeof conn;
}

class AskedSocket {
  readonly #poll = new Int32Array(2);
  #row = 0;
  #closed = false;

  constructor(
    private readonly conn: Deno.DatagramConn,
    private readonly descriptor: Descriptor,
    private readonly calls: Libc,
    private readonly size: number,
  ) {
    this.#poll.set([descriptor.number, READABLE]);
  }

  get addr(): Deno.Addr {
    return this.conn.addr;
  }

  async receive(): Promise<[Uint8Array, AskingPeer]> {
    while (!this.#closed) {
      const length = this.#row++ < IN_A_ROW ? this.#take() : -1;
      if (length >= 0) return [message.data.slice(0, length), this.#from()];
      this.#row = 0;
      await this.calls.poll(this.#poll, 1n, -1);
    }
    throw new Deno.errors.BadResource("closed");
  }

  async send(data: Uint8Array, to: AskingPeer): Promise<number> {
    return this.#answer(data, to) ? data.length : await this.conn.send(data, to);
  }

  close(): void {
    this.#closed = true;
    this.descriptor.shutdown(); // Whoever waits for a datagram is told.
    this.conn.close();
  }

  #take(): number {
    this.#prepare(BigInt(message.name.length), 65_536, BigInt(message.control.length));
    return Number(this.calls.recvmsg(this.descriptor.number, message.header, DONT_WAIT));
  }

  #from(): AskingPeer {
    const asked = message.control.slice(0, this.size);
    // The answer to IPv4 takes whichever interface the routes give.
    if (this.size === IPV4.size) asked.fill(0, HEADER, HEADER + 4);
    return { transport: "udp", ...addressOf(message.name), asked };
  }

  /** Sends from the address asked; false where the kernel doesn't take it now. */
  #answer(data: Uint8Array, to: AskingPeer): boolean {
    if (!to.asked) return false;
    const sockaddr = sockaddrOf(to, 0);
    message.name.set(sockaddr);
    message.data.set(data);
    message.control.fill(0).set(to.asked);
    this.#prepare(BigInt(sockaddr.length), data.length, BigInt(this.size + 7 & ~7));
    return this.calls.sendmsg(this.descriptor.number, message.header, DONT_WAIT) >= 0;
  }

  #prepare(name: bigint, data: number, control: bigint): void {
    message.header[1] = name;
    message.vector[1] = BigInt(data);
    message.header[5] = control;
    message.header[6] = 0n;
  }
}
