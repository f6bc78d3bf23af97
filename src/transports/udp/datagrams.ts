/** How a bound UDP socket receives and sends by the runtime's calls. */
import { LARGEST_DATAGRAM } from "../../core/limits.ts";
import type { Datagrams, Deliver, Peer } from "../datagram/datagrams.ts";

/** Who has sent a datagram. */
export type UdpPeer = Deno.NetAddr & Peer;

export type UdpDatagrams = Datagrams<UdpPeer>;

/** A socket by the runtime's calls, which need no C library. */
export class RuntimeDatagrams implements UdpDatagrams {
  readonly #buffer = new Uint8Array(LARGEST_DATAGRAM + 1);

  constructor(private readonly conn: Deno.DatagramConn) {}

  get addr(): Deno.NetAddr {
    return this.conn.addr as Deno.NetAddr;
  }

  async receive(deliver: Deliver<UdpPeer>): Promise<void> {
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
