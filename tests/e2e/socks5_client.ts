/** A client of SOCKS5 associations on bare sockets: every byte of RFC 1928 §6 and §7 by hand. */
import { concat } from "../../src/core/bytes.ts";
import { encode } from "../support/connections.ts";
import { connectTo, receive, send, soon } from "./peers.ts";

const port2 = (port: number) => Uint8Array.of(port >> 8, port & 255);
const ipv4 = (host: string) => Uint8Array.from(host.split("."), Number);

/** An answer without its header. */
export interface Answer {
  /** `127.0.0.1:9` or `[…]:9`, as hexadecimal for IPv6. */
  readonly from: string;
  readonly text: string;
}

interface AskOptions {
  /** The address of the relay to connect to. */
  readonly host?: string;
  /** Our address that datagrams come from. */
  readonly at?: string;
  /** The port that the request names: 0 names none. */
  readonly from?: number | "own";
  readonly login?: readonly [user: string, password: string];
}

/** Chooses a method, and logs in with it. */
async function greet(tcp: Deno.Conn, login: AskOptions["login"]): Promise<void> {
  await send(tcp, Uint8Array.of(5, 1, login ? 2 : 0));
  await receive(tcp, 2);
  if (!login) return;
  const fields = login.map(encode).flatMap((text) => [Uint8Array.of(text.length), text]);
  await send(tcp, concat([Uint8Array.of(1), ...fields]));
  await receive(tcp, 2);
}

export class SocksClient implements Disposable {
  private constructor(
    readonly tcp: Deno.Conn,
    readonly udp: Deno.DatagramConn,
    /** Reply code, and where it says to send to. */
    readonly reply: number,
    readonly bound: Deno.NetAddr,
  ) {}

  /** Asks the relay at `address` for an association. Rejects where no reply comes. */
  static async ask(
    address: string,
    { host = "127.0.0.1", at = host, from = 0, login }: AskOptions = {},
  ): Promise<SocksClient> {
    const tcp = address.startsWith("unix:")
      ? await connectTo(address)
      : await Deno.connect({ hostname: host, port: Number(/\d+$/.exec(address)![0]) });
    const udp = Deno.listenDatagram({ transport: "udp", hostname: at, port: 0 });
    const named = from === "own" ? (udp.addr as Deno.NetAddr).port : from;
    try {
      await greet(tcp, login);
      const said = from === "own" ? ipv4(at) : Uint8Array.of(0, 0, 0, 0);
      await send(tcp, concat([Uint8Array.of(5, 3, 0, 1), said, port2(named)]));
      const [version, reply, , type] = await receive(tcp, 4);
      if (version !== 5) throw new Error("no reply");
      const bytes = await receive(tcp, type === 4 ? 16 : 4);
      const [high, low] = await receive(tcp, 2);
      const hostname = type === 4 ? bytes.toHex().match(/..../g)!.join(":") : bytes.join(".");
      const port = high! << 8 | low!;
      return new SocksClient(tcp, udp, reply!, { transport: "udp", hostname, port });
    } catch (error) {
      tcp.close();
      udp.close();
      throw error;
    }
  }

  /** Sends a datagram for `target`, an IPv4 address or a name. */
  async send(target: string, port: number, data: string | Uint8Array, fragment = 0) {
    const address = /^[\d.]+$/.test(target)
      ? concat([Uint8Array.of(1), ipv4(target)])
      : target.startsWith("hex:")
      ? concat([Uint8Array.of(4), Uint8Array.fromHex(target.slice(4))])
      : concat([Uint8Array.of(3, target.length), encode(target)]);
    const payload = typeof data === "string" ? encode(data) : data;
    await this.sendRaw(
      concat([Uint8Array.of(0, 0, fragment), address, port2(port), payload]),
    );
  }

  async sendRaw(bytes: Uint8Array): Promise<void> {
    await this.udp.send(bytes, this.bound);
  }

  async receive(): Promise<Answer> {
    const [bytes] = await soon(this.udp.receive(new Uint8Array(65_536)), "an answer");
    const size = bytes[3] === 4 ? 16 : 4;
    const host = bytes.subarray(4, 4 + size);
    const [high, low] = bytes.subarray(4 + size);
    const shown = size === 4 ? host.join(".") : `[${host.toHex()}]`;
    const text = new TextDecoder().decode(bytes.subarray(6 + size));
    return { from: `${shown}:${high! << 8 | low!}`, text };
  }

  [Symbol.dispose](): void {
    try {
      this.tcp.close();
    } catch {
      // The test has closed it already.
    }
    this.udp.close();
  }
}
