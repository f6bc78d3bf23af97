/** How a bound UDP socket receives and sends: here by the runtime's calls. */
import { LARGEST_DATAGRAM } from "../../core/limits.ts";

/** Who has sent a datagram. */
export interface UdpPeer extends Deno.NetAddr {
  /** Equal for datagrams of one peer, to one address of ours where the socket has several. */
  readonly key: string;
}

/** Takes a received datagram, whose bytes it may keep. Must neither block nor throw. */
export type Deliver = (data: Uint8Array, from: UdpPeer) => void;

export interface Datagrams {
  /** The address that it is bound to. */
  readonly addr: Deno.NetAddr;
  /** Waits for a datagram, and delivers it, perhaps with others that have arrived. */
  receive(deliver: Deliver): Promise<void>;
  /**
   * Sends a datagram to a sender of one, or to the only peer. Returns a promise where that takes
   * time, or has failed: it rejects with the system's error.
   */
  send(data: Uint8Array, to: Deno.NetAddr): Promise<unknown> | undefined;
  close(): void;
}

/** A socket by the runtime's calls, which need no C library. */
export class RuntimeDatagrams implements Datagrams {
  readonly #buffer = new Uint8Array(LARGEST_DATAGRAM + 1);

  constructor(private readonly conn: Deno.DatagramConn) {}

  get addr(): Deno.NetAddr {
    return this.conn.addr as Deno.NetAddr;
  }

  async receive(deliver: Deliver): Promise<void> {
    const [data, from] = await this.conn.receive(this.#buffer);
    const { hostname, port } = from as Deno.NetAddr;
    deliver(data.slice(), { transport: "udp", hostname, port, key: `${hostname} ${port}` });
  }

  send(data: Uint8Array, to: Deno.NetAddr): Promise<unknown> {
    return this.conn.send(data, to);
  }

  close(): void {
    this.conn.close();
  }
}
