/** A TLS peer that reports how the other side closed, as client or server. */
import { concat } from "../../src/core/bytes.ts";
import { soon } from "../e2e/peers.ts";
import type { Authority } from "./certificates.ts";

/** How a TLS stream ended: by close_notify (RFC 8446 §6.1), by FIN alone, or by RST. */
export type Ending = "close_notify" | "cut" | "reset";

export class TlsPeer implements Disposable {
  #received: Uint8Array[] = [];
  #closed = false;

  constructor(private readonly conn: Deno.TlsConn) {}

  /** Connects to `tls://127.0.0.1:PORT` or `wss://…` as coax prints it. */
  static async connect(address: string, { pem }: Authority): Promise<TlsPeer> {
    const port = Number(new URL(address.replace(/^\w+:/, "http:")).port);
    const options = { hostname: "127.0.0.1", port, caCerts: [pem] };
    const conn = await soon(Deno.connectTls(options), "connect");
    await soon(conn.handshake(), "handshake");
    return new TlsPeer(conn);
  }

  /** Everything that has been read, as text. */
  get text(): string {
    return new TextDecoder().decode(concat(this.#received));
  }

  async send(data: string | Uint8Array): Promise<void> {
    let rest = typeof data === "string" ? new TextEncoder().encode(data) : data;
    while (rest.length > 0) rest = rest.subarray(await soon(this.conn.write(rest), "write"));
  }

  /** Sends close_notify. */
  async end(): Promise<void> {
    await soon(this.conn.closeWrite(), "close_notify");
  }

  /** Reads until the received text ends with `text`. */
  async receives(text: string): Promise<void> {
    while (!this.text.endsWith(text)) {
      if (!await this.#read()) throw new Error(`no ${text} before the end, but: ${this.text}`);
    }
  }

  /** The next `count` bytes. */
  async take(count: number): Promise<Uint8Array> {
    while (this.#received.reduce((sum, { length }) => sum + length, 0) < count) {
      if (!await this.#read()) throw new Error("the end came too soon");
    }
    const all = concat(this.#received);
    this.#received = [all.subarray(count)];
    return all.subarray(0, count);
  }

  /** Reads to the end and returns how it came. */
  async ending(): Promise<Ending> {
    try {
      while (await this.#read());
      return "close_notify";
    } catch (error) {
      if (error instanceof Deno.errors.UnexpectedEof) return "cut";
      if (error instanceof Deno.errors.ConnectionReset) return "reset";
      throw error;
    }
  }

  async #read(): Promise<boolean> {
    const buffer = new Uint8Array(16 * 1024);
    const count = await soon(this.conn.read(buffer), "read");
    if (count === null) return false;
    this.#received.push(buffer.subarray(0, count));
    return true;
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.conn.close();
  }
}

/** Listens on a free port, with a certificate of the authority's. */
export async function tlsListener(
  trusted: Authority,
): Promise<Disposable & { port: number; pin: string; accept(): Promise<TlsPeer> }> {
  const { cert, key, pin } = await trusted.issue();
  const listener = Deno.listenTls({ hostname: "127.0.0.1", port: 0, cert, key });
  return {
    port: listener.addr.port,
    pin,
    async accept() {
      for (;;) {
        const conn = await soon(listener.accept(), "accept");
        try {
          await soon(conn.handshake(), "handshake");
          return new TlsPeer(conn);
        } catch {
          conn.close(); // --pin reads the certificate on a connection of its own.
        }
      }
    },
    [Symbol.dispose]: () => listener.close(),
  };
}
