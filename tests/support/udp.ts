/** A plain UDP socket at the other end of coax. */
import { decode, encode } from "./connections.ts";
import { soon } from "./wait.ts";

export class UdpPeer implements Disposable {
  readonly #conn: Deno.DatagramConn;
  #target: Deno.NetAddr | undefined;

  /** @param address Whom it talks to, as coax prints it; whoever it last heard from without one. */
  constructor(address?: string, port = 0) {
    this.#conn = Deno.listenDatagram({ transport: "udp", hostname: "127.0.0.1", port });
    if (address) {
      this.#target = {
        transport: "udp",
        hostname: "127.0.0.1",
        port: Number(address.split(":").at(-1)),
      };
    }
  }

  get port(): number {
    return (this.#conn.addr as Deno.NetAddr).port;
  }

  async say(data: string | Uint8Array): Promise<void> {
    await this.#conn.send(typeof data === "string" ? encode(data) : data, this.#target!);
  }

  async hear(): Promise<Uint8Array> {
    const datagram = this.#conn.receive(new Uint8Array(65_536));
    const [data, from] = await soon(datagram, "a datagram");
    this.#target ??= from as Deno.NetAddr;
    return data;
  }

  async hearText(): Promise<string> {
    return decode(await this.hear());
  }

  /** What comes back for `text`. */
  async ask(text: string): Promise<string> {
    await this.say(text);
    return await this.hearText();
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}
