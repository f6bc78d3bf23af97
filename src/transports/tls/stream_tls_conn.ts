/** TLS over a Node stream, in the shape of a `Deno.TlsConn` and with its errors. */
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { PeerCertificate } from "./certificate.ts";
import { streamOf } from "./conn_stream.ts";
import { translateNodeError } from "./node_failure.ts";

/** Turns of the event loop in which what the peer sent before its EOF gets through TLS. */
const EOF_TURNS = 2;

/** What a handshake over a stream leads to. */
export interface Handshake {
  /** To be called at once when the handshake is done: only then is anything read. */
  secured(socket: TLSSocket): void;
  failed(error: Error): void;
}

type UsedMethods = "handshake" | "read" | "write" | "closeWrite" | "close";

export class StreamTlsConn implements Pick<Deno.TlsConn, UsedMethods | "localAddr" | "remoteAddr"> {
  readonly localAddr: Deno.NetAddr;
  readonly remoteAddr: Deno.NetAddr;
  readonly #stream: Duplex;
  readonly #secured = Promise.withResolvers<void>();
  #socket: TLSSocket | undefined;
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

  /** @param start Starts the handshake over a stream of `conn`. */
  constructor(
    private readonly conn: Deno.TcpConn,
    start: (stream: Duplex, handshake: Handshake) => void,
  ) {
    this.localAddr = conn.localAddr;
    this.remoteAddr = conn.remoteAddr;
    this.#secured.promise.catch(() => {}); // `handshake` may be called later, or never.
    this.#stream = streamOf(conn, {
      wanted: () => this.#wanted(),
      onEof: () => this.#onConnEof(),
    });
    this.#stream.on("error", (error) => this.#fail(error));
    start(this.#stream, {
      secured: (socket) => this.#onSecured(socket),
      failed: (error) => this.#fail(translateNodeError(error)),
    });
  }

  async handshake(): Promise<Deno.TlsHandshakeInfo> {
    await this.#secured.promise;
    return { alpnProtocol: this.#secure.alpnProtocol || null };
  }

  /** The peer's certificate, once the handshake is done; undefined if it has sent none. */
  peerCertificate(): PeerCertificate {
    const certificate = this.#secure.getPeerCertificate();
    return certificate.raw && certificate;
  }

  async read(buffer: Uint8Array): Promise<number | null> {
    await this.#secured.promise;
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

  async write(bytes: Uint8Array): Promise<number> {
    await this.#secured.promise;
    return await new Promise((resolve, reject) => {
      this.#secure.write(bytes, (error) => {
        if (error) reject(this.#failure ?? translateNodeError(error));
        else resolve(bytes.length);
      });
    });
  }

  /** Sends close_notify after the last byte, and FIN after it. */
  closeWrite(): Promise<void> {
    return this.#closingWrite ??= this.#secured.promise.then(() => {
      return new Promise((resolve, reject) => {
        this.#secure.once("error", () => reject(this.#failure));
        this.#secure.end(resolve);
      });
    });
  }

  /** Closes without close_notify. */
  close(): void {
    this.#fail(new Deno.errors.Interrupted("closed"));
    this.#socket?.destroy();
    this.#stream.destroy();
    this.conn.close();
  }

  get #secure(): TLSSocket {
    return this.#socket!;
  }

  /** All that is decrypted, if anything; the stream may decrypt more then. */
  #readDecrypted(): Uint8Array | null {
    const bytes = this.#secure.read();
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

  #onSecured(socket: TLSSocket): void {
    this.#socket = socket;
    socket.on("readable", () => this.#wake());
    socket.on("end", () => {
      this.#ended = true;
      this.#wake();
    });
    this.#secured.resolve();
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
