/** A plain UDP socket as coax's peer. */
import { decode, encode } from "./connections.ts";
import { soon } from "./wait.ts";

export class UdpPeer implements Disposable {
  readonly #conn: Deno.DatagramConn;
  #target: Deno.NetAddr | undefined;

  /**
   * @param address Where it sends to, as coax prints it; without one, to the sender of the last
   * datagram.
   * @param hostname Where it is itself, and what it sends to.
   */
  constructor(address?: string, port = 0, hostname = "127.0.0.1") {
    this.#conn = Deno.listenDatagram({ transport: "udp", hostname, port });
    if (address) {
      this.#target = {
        transport: "udp",
        hostname,
        port: Number(address.split(":").at(-1)),
      };
    }
  }

  get port(): number {
    return (this.#conn.addr as Deno.NetAddr).port;
  }

  async send(data: string | Uint8Array): Promise<void> {
    await this.#conn.send(typeof data === "string" ? encode(data) : data, this.#target!);
  }

  async receive(): Promise<Uint8Array> {
    const datagram = this.#conn.receive(new Uint8Array(65_536));
    const [data, from] = await soon(datagram, "a datagram");
    this.#target ??= from as Deno.NetAddr;
    return data;
  }

  async receiveText(): Promise<string> {
    return decode(await this.receive());
  }

  /** Sends `text` and returns the answer. */
  async ask(text: string): Promise<string> {
    await this.send(text);
    return await this.receiveText();
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
