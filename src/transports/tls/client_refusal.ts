/** Why a client's certificate doesn't let it in, and the alert that says so (RFC 8446 §6.2). */
import type { PeerCertificate, TLSSocket } from "node:tls";
import { subjectOf, versionOf } from "./certificate.ts";

export interface ClientRefusal {
  /** The failed check, and whose certificate it is. */
  readonly reason: string;
  /** The number of the alert. */
  readonly alert: number;
}

const HANDSHAKE_FAILURE = 40;
const NO_APPLICATION_PROTOCOL = 120;

const NONE: ClientRefusal = { reason: "the client has shown no certificate", alert: 40 };
const EXPIRED: ClientRefusal = { reason: "the client's certificate has expired", alert: 45 };
const NOT_YET_VALID: ClientRefusal = {
  reason: "the client's certificate is not valid yet; is a clock wrong?",
  alert: 45,
};
/** Many failures of a chain have one code, so the reason names them all. */
const UNKNOWN_ISSUER: ClientRefusal = {
  reason: "the issuer of the client's certificate is unknown to --client-ca, or its chain is " +
    "incomplete, or it isn't for clients",
  alert: 48,
};
const UNSUPPORTED: ClientRefusal = {
  reason: "the client's certificate isn't of X.509 version 3",
  alert: 43,
};
const UNREADABLE: ClientRefusal = {
  reason: "the client's certificate can't be read",
  alert: 42,
};

/** Refusals by Node's codes (OpenSSL's X509_verify_cert_error). */
const BY_CODE: Readonly<Record<string, ClientRefusal>> = {
  CERT_HAS_EXPIRED: EXPIRED,
  CERT_NOT_YET_VALID: NOT_YET_VALID,
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_ISSUER,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_ISSUER,
  INVALID_PURPOSE: { reason: "the client's certificate isn't for clients", alert: 43 },
};

/** Why the client of a finished handshake is refused; undefined if it may enter. Never throws. */
export function clientRefusal(socket: TLSSocket): ClientRefusal | undefined {
  try {
    const certificate: Partial<PeerCertificate> = socket.getPeerCertificate();
    const refusal = refusalOf(certificate, socket);
    const subject = subjectOf(certificate);
    if (!refusal || !subject) return refusal;
    return { ...refusal, reason: `${refusal.reason} (${subject})` };
  } catch {
    return UNREADABLE; // The runtime leaves it to us to read what a stranger has made.
  }
}

function refusalOf(
  certificate: Partial<PeerCertificate>,
  socket: TLSSocket,
): ClientRefusal | undefined {
  if (!certificate.raw) return NONE;
  // Also for a certificate that the runtime has nothing against: an authority's own, and that of a
  // resumed session, which was verified when the session began.
  const now = Date.now();
  if (!(now <= Date.parse(certificate.valid_to!))) return EXPIRED;
  if (!(now >= Date.parse(certificate.valid_from!))) return NOT_YET_VALID;
  if (!socket.authorized) return byCode(`${socket.authorizationError}`);
  // An authority's own certificate of another version passes without a proof that the client holds
  // its key.
  if (versionOf(certificate.raw) !== 3) return UNSUPPORTED;
  return undefined;
}

function byCode(code: string): ClientRefusal {
  return BY_CODE[code] ??
    { reason: `the client's certificate can't be accepted (${code})`, alert: 46 };
}

/** The alert for a handshake that failed before either side had its keys. */
export function handshakeAlert({ code }: Error & { code?: string }): number {
  return code === "ERR_SSL_NO_APPLICATION_PROTOCOL" ? NO_APPLICATION_PROTOCOL : HANDSHAKE_FAILURE;
}

/** A fatal alert as a record that isn't encrypted (RFC 8446 §5.1, §6). */
export function alertRecord(alert: number): Uint8Array<ArrayBuffer> {
  return Uint8Array.of(0x15, 3, 3, 0, 2, 2, alert);
}
