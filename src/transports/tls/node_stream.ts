/**
 * TLS over a Node stream, as `node:tls` has it since Deno 2.8, in the shape of a `Deno.TlsConn` and
 * with its errors.
 */
import type { Duplex } from "node:stream";
import { connect, type ConnectionOptions, createSecureContext, type TLSSocket } from "node:tls";
import { parseLiteral } from "../../address/ip.ts";
import type { PeerCertificate } from "./certificate.ts";
import { streamOf } from "./conn_stream.ts";
import { translateNodeError } from "./node_failure.ts";
import type { NodeTlsOptions } from "./node_options.ts";

/** A host name for SNI (RFC 6066 §3): labels of at most 63 characters. */
const NAME = /^(?!-)[\w-]{1,63}(?<!-)(\.(?!-)[\w-]{1,63}(?<!-))*\.?$/;

/** Turns of the event loop in which what the peer sent before its EOF gets through TLS. */
const EOF_TURNS = 2;

/** Starts TLS as `startNodeTls` does. Throws a `TypeError` for an invalid name. */
export function startOnStream(conn: Deno.TcpConn, options: NodeTlsOptions): Deno.TlsConn {
  // It has what coax uses of the type.
  return new StreamTlsConn(conn, settingsOf(options)) as unknown as Deno.TlsConn;
}

type Settings = ConnectionOptions & { readonly allowHalfOpen: boolean };

function settingsOf(options: NodeTlsOptions): Settings {
  const { hostname, alpn, clientCert } = options;
  const isIp = parseLiteral(hostname) !== undefined;
  if (!isIp && !NAME.test(hostname)) throw new TypeError(`Invalid hostname: '${hostname}'`);
  const secureContext = createSecureContext({ ...clientCert });
  // `ca` would replace the default authorities; this method, which Node has too, adds to them.
  const context = secureContext.context as { addCACert(pem: string): void };
  for (const certificate of options.caCerts) context.addCACert(certificate);
  return {
    ...isIp ? { host: hostname } : { servername: hostname },
    ...options.anyName ? { checkServerIdentity: () => undefined } : {},
    ...alpn ? { ALPNProtocols: [...alpn] } : {},
    rejectUnauthorized: options.verify,
    secureContext,
    allowHalfOpen: true,
  };
}

type UsedMethods = "handshake" | "read" | "write" | "closeWrite" | "close";

class StreamTlsConn implements Pick<Deno.TlsConn, UsedMethods | "localAddr" | "remoteAddr"> {
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  readonly #stream: Duplex;
  readonly #socket: TLSSocket;
  readonly #secured = Promise.withResolvers<void>();
  /** Decrypted bytes that didn't fit into the reader's buffer. */
  #remainder: Uint8Array | undefined;
  #failure: Error | undefined;
  /** EOF of TLS (close_notify), and of the connection under it. */
  #ended = false;
  #connEnded = false;
  #closingWrite: Promise<void> | undefined;
  #wake = () => {};
  /** Lets the stream read on. */
  #want = () => {};

  constructor(private readonly conn: Deno.TcpConn, settings: Settings) {
    this.localAddr = conn.localAddr;
    this.remoteAddr = conn.remoteAddr;
    this.#secured.promise.catch(() => {}); // `handshake` may be called later, or never.
    this.#stream = streamOf(conn, {
      wanted: () => this.#wanted(),
      onEof: () => this.#onConnEof(),
    });
    this.#stream.on("error", (error) => this.#fail(error));
    this.#socket = connect({ ...settings, socket: this.#stream });
    this.#socket.on("secureConnect", this.#secured.resolve);
    this.#socket.on("readable", () => this.#wake());
    this.#socket.on("error", (error: Error) => this.#fail(translateNodeError(error)));
    this.#socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
  }

  async handshake(): Promise<Deno.TlsHandshakeInfo> {
    await this.#secured.promise;
    return { alpnProtocol: this.#socket.alpnProtocol || null };
  }

  /** The peer's certificate, once the handshake is done; undefined if it has sent none. */
  peerCertificate(): PeerCertificate {
    const { raw, subjectaltname } = this.#socket.getPeerCertificate();
    return raw && { raw, subjectaltname };
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    for (let turns = 0;;) {
      const bytes = this.#remainder ?? this.#readDecrypted();
      if (bytes) return this.#take(bytes, buffer);
      if (this.#ended) return null;
      if (this.#failure) throw this.#failure;
      if (!this.#connEnded) await new Promise<void>((resolve) => this.#wake = resolve);
      else if (this.#stream.readableLength === 0 && turns++ === EOF_TURNS) {
        throw new Deno.errors.UnexpectedEof("peer closed connection without close_notify");
      } else await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }

  write(bytes: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#socket.write(bytes, (error) => {
        if (error) reject(this.#failure ?? translateNodeError(error));
        else resolve(bytes.length);
      });
    });
  }

  /** Sends close_notify after the last byte, and FIN after it. */
  closeWrite(): Promise<void> {
    return this.#closingWrite ??= new Promise((resolve, reject) => {
      this.#socket.once("error", () => reject(this.#failure));
      this.#socket.end(resolve);
    });
  }

  /** Closes without close_notify. */
  close(): void {
    this.#fail(new Deno.errors.Interrupted("closed"));
    this.#socket.destroy();
    this.conn.close();
  }

  /** All that is decrypted, if anything; the stream may decrypt more then. */
  #readDecrypted(): Uint8Array | null {
    const bytes = this.#socket.read();
    this.#want();
    return bytes;
  }

  /**
   * Waits until all that is decrypted has been read. So Node's socket never pauses: a close_notify
   * that arrives while it does is lost (Deno 2.8.3, 2.9.6).
   */
  #wanted(): Promise<void> {
    if (!this.#socket?.readableLength) return Promise.resolve();
    return new Promise((resolve) => this.#want = resolve);
  }

  #take(bytes: Uint8Array, buffer: Uint8Array): number {
    const count = Math.min(bytes.length, buffer.length);
    buffer.set(bytes.subarray(0, count));
    this.#remainder = count < bytes.length ? bytes.subarray(count) : undefined;
    return count;
  }

  #onConnEof(): void {
    this.#connEnded = true;
    this.#secured.reject(new Deno.errors.UnexpectedEof("tls handshake eof"));
    this.#wake();
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#secured.reject(this.#failure);
    this.#wake();
  }
}
