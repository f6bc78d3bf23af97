/**
 * `--pin`: exactly one certificate is good, whoever issued it for whatever name. A peer has to
 * prove that it holds the key, and the runtime checks that only for a certificate that it trusts,
 * and can be told to trust one only before the handshake: so a probe learns the certificate first.
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
import { type Client, HangUpError, startClient, type Trust } from "./handshake.ts";
import { probe } from "./probe.ts";

interface PinnedOptions {
  readonly client: Client;
  /** SHA-256 of the certificate's DER, in lowercase hexadecimal. */
  readonly pin: string;
  readonly caCerts: readonly string[];
  readonly peer: string;
  readonly timeout?: number;
  readonly log: Log;
}

/**
 * Connects (`connect` yields a new socket each time) to the peer that holds the pinned certificate.
 */
export async function connectPinned(
  connect: () => Promise<Deno.TcpConn>,
  options: PinnedOptions,
): Promise<Deno.TlsConn> {
  const pinned = await probe(await connect(), options);
  checkPin(pinned, options);
  try {
    const caCerts = [pemBlock("CERTIFICATE", pinned.der), ...options.caCerts];
    return await open(await connect(), { caCerts, anyName: true }, options);
  } catch (error) {
    const gone = withoutSecond(error);
    if (gone) throw gone;
    const why = await whyUnprovable(pinned);
    if (!(error instanceof TlsError) || !why) throw error;
    options.log.warn(
      "unproven",
      `${options.peer}: the certificate is the pinned one, but ${why}, and then the runtime can't ` +
        "make the peer prove that it holds the key; make a self-signed one with CA:FALSE",
      { address: options.peer },
    );
    return await open(await connect(), "anything", options);
  }
}

/** What is pinned has to be what this very connection shows: a probe may have met someone else. */
async function open(
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

/** How it shows that a server has no second connection to give. */
const GONE = [UnavailableError, RefusedError, TimeoutError, BrokenError, HangUpError] as const;

/** The same error, saying why there had to be a second connection; nothing for any other error. */
function withoutSecond(error: unknown): CoaxError | undefined {
  const Kind = GONE.find((kind) => error instanceof kind);
  if (!Kind) return undefined;
  const { stage, address, reason } = error as CoaxError;
  const why = "the certificate is the pinned one, but the peer took no second connection, which " +
    "--pin needs; name its certificate with --ca FILE";
  return new Kind(stage, address, `${reason}; ${why}`, { cause: error });
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

/** Why the runtime can't trust a certificate for itself alone, or undefined if it can. */
async function whyUnprovable({ der }: Certificate): Promise<string | undefined> {
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
