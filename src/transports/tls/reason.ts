/** Maps messages of the TLS library to reasons that name the failed check and a remedy. */

/** Reasons for error alerts of a peer (RFC 8446 §6.2), by the library's names of alerts. */
const ALERTS: Readonly<Record<string, string>> = {
  NoApplicationProtocol: "the peer knows none of the protocols of --alpn",
  CertificateRequired: "the peer wants a client certificate; show it one with --client-cert FILE " +
    "--client-key FILE",
  ProtocolVersion: "the peer doesn't speak TLS 1.2 or 1.3",
  InsufficientSecurity: "the peer wants stronger ciphers than we have",
  HandshakeFailure: "the peer found no way of talking to us: no cipher in common, or it wants a " +
    "client certificate (--client-cert FILE --client-key FILE)",
  UnrecognisedName: "the peer doesn't know the name that was asked for; say which with " +
    "--server-name NAME",
  UnknownCA: "the peer doesn't know the issuer of our certificate",
  BadCertificate: "the peer doesn't accept our certificate",
  UnsupportedCertificate: "the peer can't use our kind of certificate",
  CertificateExpired: "the peer takes our certificate for expired or not yet valid",
  CertificateRevoked: "the peer takes our certificate for revoked",
  CertificateUnknown: "the peer doesn't accept our certificate",
  DecryptError: "the peer couldn't verify our signature",
  AccessDenied: "the peer doesn't let us in",
};

/** The reason for a peer of another protocol. */
export const NO_TLS = "the peer doesn't speak TLS";
/** Stands in reasons for the pin of a certificate that the runtime doesn't tell. */
export const PIN_FORM = "sha256:HEX";

/** A message of the library, and the reason for it. */
type Rule = readonly [pattern: RegExp, reason: (match: RegExpExecArray) => string];

/** The first match counts. Alerts come first: their names match rules about the peer as well. */
const RULES: readonly Rule[] = [
  [
    /received fatal alert: (\w+)/,
    ([, alert]) => ALERTS[alert!] ?? `the peer ended TLS with the alert ${alert}`,
  ],
  [
    /UnknownIssuerOrTime/,
    () =>
      "the issuer of the certificate is unknown, or it has expired or isn't valid yet (this version " +
      "of Deno doesn't tell which); if you trust it, name it with --ca FILE, or this one " +
      "certificate with --pin sha256:HEX",
  ],
  [
    /UnknownIssuer/,
    () =>
      "the issuer of the certificate is unknown; if you trust it, name it with --ca FILE, or this " +
      "one certificate with --pin sha256:HEX",
  ],
  [
    /not valid for name "([^"]*)"; certificate is only valid for (.*)/,
    ([, wanted, names]) =>
      `the certificate is not for ${wanted} but for ${plainNames(names!)}; if that is the peer ` +
      "you mean, say so with --server-name NAME",
  ],
  [
    /NotValidForName|not valid for (?:any )?name/,
    () =>
      "the certificate is for no name at all (it lacks a subjectAltName); if you trust it, name " +
      "it with --pin sha256:HEX",
  ],
  [
    /expired(?:.*not valid after (\d+))?/i,
    ([, notAfter]) =>
      `the certificate expired${notAfter ? ` on ${day(notAfter)}` : ""}; the peer needs a new one`,
  ],
  [
    /(?:not valid yet|NotValidYet)(?:.*not valid before (\d+))?/,
    ([, notBefore]) =>
      `the certificate is not valid ${
        notBefore ? `before ${day(notBefore)}` : "yet"
      }; is a clock wrong?`,
  ],
  [
    /CaUsedAsEndEntity/,
    () =>
      "the certificate is a certificate authority's and not a server's; make one with " +
      "basicConstraints=CA:FALSE, or name this one with --pin sha256:HEX",
  ],
  [
    /UnsupportedCertVersion/,
    () =>
      "the certificate is of X.509 version 1 or 2, and TLS takes 3; the peer needs another, or " +
      "name this one with --pin sha256:HEX if you trust it",
  ],
  [
    /BadEncoding/,
    () => "the certificate can't be read; the peer needs another",
  ],
  [
    /EndEntityUsedAsCa/,
    () => "the certificate was issued by one that is no certificate authority's",
  ],
  [
    /(?:certificate: |\()BadSignature/,
    () =>
      "a signature is wrong: the certificate's (has its authority a newer one, for --ca FILE?), or " +
      "the peer doesn't hold the certificate's key",
  ],
  [
    /InvalidPurpose|RequiredEkuNotFound/,
    () => "the certificate is for another purpose than TLS like this (its extended key usage)",
  ],
  [
    /UnsupportedSignatureAlgorithm|UnsupportedPublicKey/,
    () => "the certificate has a signature or a key of a kind that can't be checked here",
  ],
  [
    /invalid peer certificate: (?:Other\(OtherError\()?(\w+)/,
    ([, name]) => `the certificate can't be accepted (${name})`,
  ],
  [
    // An echo sends back our own first message.
    /InvalidContentType|InvalidMessage|corrupt message|got ClientHello/,
    () => NO_TLS,
  ],
  [
    /peer doesn't support any known protocol/,
    () => "the peer offers none of the protocols of --alpn",
  ],
  [
    /TLS_?1_?2|Tls12|Tls13|NoCipherSuitesInCommon|NoKxGroupsInCommon|no ciphersuites/i,
    () => "the peer has no TLS version or cipher in common with us (TLS 1.2 and 1.3)",
  ],
];

/** The reason for a message of the TLS library, or the message itself if it is unknown. */
export function tlsReason(message: string): string {
  for (const [pattern, reason] of RULES) {
    const match = pattern.exec(message);
    if (match) return reason(match);
  }
  return message;
}

/** `DnsName("a.example") or IpAddress(10.0.0.1)` → `a.example or 10.0.0.1`. */
function plainNames(names: string): string {
  return names.replace(/\w+\("?([^")]*)"?\)/g, "$1").replace(/\b0::/g, "::");
}

/** Formats seconds since 1970 as a date, `2025-12-31`. */
function day(seconds: string): string {
  return new Date(Number(seconds) * 1000).toISOString().slice(0, 10);
}
