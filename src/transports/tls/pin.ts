/**
 * `--pin`: accepts exactly one certificate, whatever its issuer and name. The runtime makes a peer
 * prove that it holds the key only if it trusts the certificate, and it takes trusted certificates
 * only before the handshake. So a probe gets the certificate first.
 */
import {
  BrokenError,
  type CoaxError,
  RefusedError,
  TimeoutError,
  TlsError,
  UnavailableError,
} from "../../core/errors.ts";
import type { Log } from "../../core/log.ts";
import { type Certificate, certificateOf, versionOf } from "./certificate.ts";
import { pemBlock } from "./pem.ts";
import { type ClientConfig, ServerGoneError, startClient, type Trust } from "./handshake.ts";
import { probe } from "./probe.ts";

interface PinnedOptions {
  readonly client: ClientConfig;
  /** SHA-256 of the certificate's DER, in lowercase hexadecimal. */
  readonly pin: string;
  readonly caCerts: readonly string[];
  readonly peer: string;
  readonly timeout?: number;
  readonly log: Log;
}

/**
 * Connects to the peer that holds the pinned certificate; `connect` yields a new socket each time,
 * of which the first is for a probe.
 *
 * Rejects with a `TlsError` for another certificate, or as `startClient` does.
 */
export async function connectPinned(
  connect: (probes?: boolean) => Promise<Deno.TcpConn>,
  options: PinnedOptions,
): Promise<Deno.TlsConn> {
  const pinned = await probe(await connect(true), options);
  checkPin(pinned, options);
  try {
    const caCerts = [pemBlock("CERTIFICATE", pinned.der), ...options.caCerts];
    return await connectTrusting(await connect(), { caCerts, anyName: true }, options);
  } catch (error) {
    const failure = secondConnectionFailure(error);
    if (failure) throw failure;
    const why = await unprovableReason(pinned);
    if (!(error instanceof TlsError) || !why) throw error;
    options.log.warn(
      "unproven",
      `${options.peer}: the certificate is the pinned one, but ${why}, and then the runtime can't ` +
        "make the peer prove that it holds the key; make a self-signed one with CA:FALSE",
      { address: options.peer },
    );
    return await connectTrusting(await connect(), "anything", options);
  }
}

/** Checks the pin on this connection too: the probe may have reached another server. */
async function connectTrusting(
  tcp: Deno.TcpConn,
  trust: Trust,
  options: PinnedOptions,
): Promise<Deno.TlsConn> {
  const conn = await startClient(tcp, options.client, trust, options);
  try {
    checkPin(await certificateOf(conn), options);
  } catch (error) {
    conn.close();
    throw error;
  }
  return conn;
}

/** Errors of a server that doesn't accept a second connection. */
const NO_CONNECTION = [
  UnavailableError,
  RefusedError,
  TimeoutError,
  BrokenError,
  ServerGoneError,
] as const;

/** The same error with the reason for a second connection; undefined for other errors. */
function secondConnectionFailure(error: unknown): CoaxError | undefined {
  const ErrorClass = NO_CONNECTION.find((kind) => error instanceof kind);
  if (!ErrorClass) return undefined;
  const { stage, address, reason } = error as CoaxError;
  const why = "the certificate is the pinned one, but the peer took no second connection, which " +
    "--pin needs; name its certificate with --ca FILE";
  return new ErrorClass(stage, address, `${reason}; ${why}`, { cause: error });
}

function checkPin(shown: Certificate | undefined, { pin, peer }: PinnedOptions): void {
  if (shown?.pin === pin) return;
  const instead = shown ? `sha256:${shown.pin}` : "none";
  throw new TlsError(
    "handshake",
    peer,
    `pin mismatch: expected the certificate sha256:${pin}, the peer has ${instead}`,
  );
}

/** Why the runtime can't trust a certificate as its own authority, or undefined if it can. */
async function unprovableReason({ der }: Certificate): Promise<string | undefined> {
  if (versionOf(der) < 3) return `it is of X.509 version ${versionOf(der)}`;
  const { X509Certificate } = await import("node:crypto");
  const certificate = new X509Certificate(der);
  const now = Date.now();
  if (certificate.ca) return "it is a certificate authority's";
  if (now > Date.parse(certificate.validTo)) return "it has expired";
  if (now < Date.parse(certificate.validFrom)) return "it is not valid yet";
  if (certificate.subject !== certificate.issuer) return "its issuer is unknown";
  return undefined;
}
