/** One TLS handshake, with an end: what is checked, how long it may take, and what went wrong. */
import { onAbort } from "../../core/abort.ts";
import { CoaxError, TimeoutError, TlsError, UsageError } from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { withTimeout } from "../../core/time.ts";
import { certificateOf } from "./certificate.ts";
import { broken } from "../failure.ts";
import { wayTo } from "../held.ts";
import type { Identity } from "../options.ts";
import { startNodeTls } from "./node.ts";

/** What our connecting side says of itself and of whom it wants. */
export interface Client {
  /** The name to ask for, and to find in the certificate. */
  readonly hostname: string;
  readonly alpn?: readonly string[];
  readonly clientCert?: Identity;
}

/** Which certificates are good. */
export type Trust =
  /** Any, without proof that the peer holds its key. */
  | "anything"
  /** Those that an authority of the system's, of Mozilla's or of these has issued. */
  | { readonly caCerts: readonly string[]; readonly anyName?: boolean };

export interface HandshakeOptions {
  /** With whom, for messages. */
  readonly peer: string;
  /** Whether the peer has connected to us, and may have wanted to know no more than that it can. */
  readonly accepted?: boolean;
  /** Milliseconds it may take. */
  readonly timeout?: number;
  /** Gives up when it aborts. */
  readonly signal?: AbortSignal;
  readonly log: Log;
}

/** The server has gone in the middle of a handshake. */
export class HangUpError extends TlsError {}

/** A quiet end: a client has gone in the middle of a handshake, as port checks and probes do. */
class PassedByError extends CoaxError {
  readonly status = 0;
}

/**
 * Waits until both sides have verified what they want verified; otherwise closes the connection, or
 * the one that `starting` still becomes. What TLS stands on is `ground`.
 *
 * Rejects with a `TlsError`, a `TimeoutError`, or a `BrokenError` after a reset.
 */
export async function shakeHands(
  starting: Deno.TlsConn | Promise<Deno.TlsConn>,
  ground: Deno.Conn,
  options: HandshakeOptions,
): Promise<Deno.TlsConn> {
  const { peer, timeout, signal, log } = options;
  const started = Promise.resolve(starting);
  const close = () => void started.then(closeQuietly, () => {});
  const descriptor = wayTo(ground);
  const giveUp = () => {
    descriptor()?.shutdown();
    close();
  };
  const start = performance.now();
  using _ = onAbort(signal, giveUp);
  try {
    const { alpnProtocol } = await withTimeout(
      started.then((conn) => conn.handshake()),
      timeout,
      () => new TimeoutError("handshake", peer, `timed out after ${timeout} ms`),
    );
    const conn = await started;
    if (log.enabled("debug")) await tell(conn, alpnProtocol, start, options);
    return conn;
  } catch (error) {
    if (error instanceof TimeoutError) giveUp();
    else close();
    throw explain(error, options);
  }
}

/**
 * Does a handshake as a client on `tcp`, which is used up by it, or closed. Rejects as `shakeHands`
 * does, or with a `UsageError` for a name that no server can have.
 */
export async function startClient(
  tcp: Deno.TcpConn,
  client: Client,
  trust: Trust,
  options: HandshakeOptions,
): Promise<Deno.TlsConn> {
  trustSystem();
  const starting = begin(tcp, client, trust).catch((error) => {
    closeQuietly(tcp);
    const invalid = error instanceof TypeError;
    throw invalid ? new UsageError(`"${client.hostname}"`, "no name of a server") : error;
  });
  return await shakeHands(starting, tcp, options);
}

/** Without verification, or with a client certificate, this is the whole handshake already. */
async function begin(
  tcp: Deno.TcpConn,
  { hostname, alpn, clientCert }: Client,
  trust: Trust,
): Promise<Deno.TlsConn> {
  if (trust === "anything") {
    return await startNodeTls(tcp, { hostname, alpn, clientCert, caCerts: [], verify: false });
  }
  if (clientCert) {
    return await startNodeTls(tcp, { hostname, alpn, clientCert, verify: true, ...trust });
  }
  return await Deno.startTls(tcp, {
    hostname,
    alpnProtocols: alpn && [...alpn],
    caCerts: [...trust.caCerts],
    unsafelyDisableHostnameVerification: trust.anyName,
  });
}

function closeQuietly(conn: Deno.Conn): void {
  try {
    conn.close();
  } catch {
    // Closed already by the signal, or used up by a handshake that couldn't begin.
  }
}

/** A FIN in the middle of a handshake is no cut connection yet: there was none. */
function explain(error: unknown, { peer, accepted }: HandshakeOptions): CoaxError {
  if ((error as Error).name !== "UnexpectedEof") return broken("handshake", peer, error);
  if (accepted) return new PassedByError("handshake", peer, "left in the handshake");
  const reason = "the peer ended the connection in the handshake; does it speak TLS?";
  return new HangUpError("handshake", peer, reason, { cause: error });
}

async function tell(
  conn: Deno.TlsConn,
  protocol: string | null,
  start: number,
  { peer, accepted, log }: HandshakeOptions,
): Promise<void> {
  const certificate = await certificateOf(conn);
  const took = `${(performance.now() - start).toFixed(1)} ms`;
  const facts = [
    protocol && `protocol ${protocol}`,
    certificate && `certificate for ${certificate.names || "no name"}, sha256:${certificate.pin}`,
  ].filter(Boolean);
  log.debug("handshake", [`TLS handshake with ${peer}: done in ${took}`, ...facts].join("; "), {
    address: accepted ? undefined : peer,
    protocol: protocol ?? undefined,
    certificate: certificate?.names,
    pin: certificate && `sha256:${certificate.pin}`,
  });
}

/**
 * Trusts the system's certificate authorities beside Mozilla's, which the runtime takes by itself,
 * unless the user has chosen. The runtime reads this once, at the first TLS connection.
 */
function trustSystem(): void {
  if (Deno.env.has("DENO_TLS_CA_STORE")) return;
  Deno.env.set("DENO_TLS_CA_STORE", "system,mozilla");
}
