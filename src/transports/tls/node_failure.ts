/** Translates errors of `node:tls` to those of Deno's own TLS, for which `reason.ts` has words. */

const UNKNOWN_ISSUER = "UnknownIssuer";

/** Names in Deno's messages by Node's codes (OpenSSL's X509_verify_cert_error). */
const REASONS: Readonly<Record<string, string>> = {
  DEPTH_ZERO_SELF_SIGNED_CERT: UNKNOWN_ISSUER,
  SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_ISSUER,
  /** Deno 2.8.3 and 2.9.6 have this one for certificates at the wrong time too. */
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "UnknownIssuerOrTime",
  CERT_HAS_EXPIRED: "Expired",
  CERT_NOT_YET_VALID: "NotValidYet",
};

interface NodeTlsError extends Error {
  readonly code?: string;
  /** The name that was wanted, and the certificate, if that is for other names. */
  readonly host?: string;
  readonly cert?: { readonly subjectaltname?: string };
}

/** The error that `Deno.startTls` has for the same failure. Errors of the system stay the same. */
export function translateNodeError(error: NodeTlsError): Error {
  const { code = "", message } = error;
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") return invalidCertificate(nameReason(error));
  if (REASONS[code]) return invalidCertificate(REASONS[code]);
  return code.startsWith("ERR_SSL") ? new Deno.errors.InvalidData(message) : error;
}

function nameReason({ host, cert }: NodeTlsError): string {
  const names = cert?.subjectaltname?.split(", ").map((name) => name.replace(/^[^:]*:/, ""));
  if (!names) return "NotValidForName";
  return `not valid for name "${host}"; certificate is only valid for ${names.join(" or ")}`;
}

function invalidCertificate(reason: string): Error {
  return new Deno.errors.InvalidData(`invalid peer certificate: ${reason}`);
}
