/**
 * Mutual TLS for listeners: a client gets in only with a certificate that one of our authorities
 * has issued. `Deno.listenTls` has no option for it, so `node:tls` does the handshake.
 */
import type { Duplex } from "node:stream";
import { createServer, type TlsOptions, type TLSSocket } from "node:tls";
import { TlsError, UsageError } from "../../core/errors.ts";
import { LONGEST_TIMER } from "../../core/timer.ts";
import type { Identity } from "../options.ts";
import { descriptorOf } from "../held.ts";
import { alertRecord, clientRefusal, handshakeAlert } from "./client_refusal.ts";
import { type Handshake, StreamTlsConn } from "./stream_tls_conn.ts";

export interface MutualTlsOptions {
  readonly identity: Identity;
  /** Authorities whose certificates let a client in, one PEM text each. */
  readonly clientCa: readonly string[];
  readonly alpn?: readonly string[];
}

/**
 * Whether the runtime can ask clients for certificates: its `node:tls` then takes connections that
 * are handed to it, as Node's does. Deno 2.7 has neither.
 */
export function hasMutualTls(): boolean {
  return createServer().listenerCount("connection") > 0;
}

/** Throws a `UsageError` where the runtime can't ask clients for certificates. */
export function requireMutualTls(): void {
  if (hasMutualTls()) return;
  const version = Deno.version.deno;
  throw new UsageError("--client-ca", `needs Deno 2.9 or newer to run coax; this is ${version}`);
}

/**
 * Starts the handshake with a client on `tcp`. It fails with a `TlsError` that names the check, and
 * nothing is read from a client that failed one.
 *
 * @param peer The client's address, for messages.
 */
export function startMutualTls(
  tcp: Deno.TcpConn,
  peer: string,
  { identity, clientCa, alpn }: MutualTlsOptions,
): Deno.TlsConn {
  const settings: TlsOptions = {
    ...identity,
    ca: [...clientCa],
    requestCert: true,
    // The runtime would close a refused connection without an alert.
    rejectUnauthorized: false,
    handshakeTimeout: LONGEST_TIMER, // `doHandshake` has a timeout.
    ALPNProtocols: alpn && [...alpn],
  };
  const start = (stream: Duplex, handshake: Handshake) =>
    new ClientCheck(tcp, peer, stream, handshake).start(settings);
  return new StreamTlsConn(tcp, start) as unknown as Deno.TlsConn; // It has what coax uses.
}

/** Decides about one client when its handshake is done, before the last messages are sent. */
class ClientCheck {
  constructor(
    private readonly tcp: Deno.TcpConn,
    private readonly peer: string,
    private readonly stream: Duplex,
    private readonly handshake: Handshake,
  ) {}

  start(settings: TlsOptions): void {
    createServer(settings)
      .on("secureConnection", (socket) => this.#judge(socket))
      .on("tlsClientError", (error) => this.#refuse(error, handshakeAlert(error)))
      .emit("connection", this.stream);
  }

  /**
   * Judges synchronously: what the runtime has to send comes after this. A client that is refused
   * gets no session ticket: with one, it would come back without being verified again.
   */
  #judge(socket: TLSSocket): void {
    socket.on("error", this.handshake.failed);
    const refusal = clientRefusal(socket);
    if (!refusal) return this.handshake.secured(socket);
    const error = new TlsError("handshake", this.peer, refusal.reason);
    if (socket.getProtocol() === "TLSv1.2") return void this.#refuse(error, refusal.alert);
    // In TLS 1.3 an alert is encrypted by now, with keys that the runtime keeps to itself. Many
    // clients would take a FIN for an end in order.
    descriptorOf(this.tcp)?.abort();
    this.#refuse(error);
  }

  async #refuse(error: Error, alert?: number): Promise<void> {
    this.stream.destroy();
    if (alert) await this.tcp.write(alertRecord(alert)).catch(() => {});
    this.handshake.failed(error);
  }
}
