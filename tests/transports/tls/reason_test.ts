import { assertEquals, assertStringIncludes } from "@std/assert";
import { tlsReason } from "../../../src/transports/tls/reason.ts";

const cases: [message: string, says: string][] = [
  ["received fatal alert: CertificateRequired", "--client-cert FILE --client-key FILE"],
  ["received fatal alert: HandshakeFailure", "--client-cert FILE --client-key FILE"],
  ["received fatal alert: ProtocolVersion", "the peer doesn't speak TLS 1.2 or 1.3"],
  ["received fatal alert: UnrecognisedName", "--server-name NAME"],
  ["received fatal alert: CertificateExpired", "takes our certificate for expired"],
  ["received fatal alert: InternalError", "with the alert InternalError"],
  ["peer is incompatible: ServerDoesNotSupportTls12Or13", "no TLS version or cipher in common"],
  ["invalid peer certificate: NotValidForName", "for no name at all"],
  ["invalid peer certificate: Expired", "the certificate expired; the peer needs a new one"],
  ["invalid peer certificate: NotValidYet", "not valid yet; is a clock wrong?"],
  ["invalid peer certificate: Other(OtherError(UnsupportedCertVersion))", "X.509 version 1 or 2"],
  ["invalid peer certificate: BadEncoding", "can't be read"],
  ["invalid peer certificate: BadSignature", "--ca FILE"],
  ["invalid peer certificate: Other(OtherError(EndEntityUsedAsCa))", "no certificate authority's"],
  ["invalid peer certificate: InvalidPurpose", "another purpose"],
  ["invalid peer certificate: UnhandledCriticalExtension", "(UnhandledCriticalExtension)"],
  ["invalid peer certificate: Other(OtherError(NameConstraintViolation))", "(NameConstraint"],
  ["received corrupt message of type InvalidContentType", "the peer doesn't speak TLS"],
];

for (const [message, expected] of cases) {
  Deno.test(`"${message}" is reported in words that help`, () => {
    assertStringIncludes(tlsReason(message), expected);
  });
}

Deno.test("an unknown message is shown as it is", () => {
  assertEquals(tlsReason("something new"), "something new");
});

Deno.test("names of a certificate are shown without the library's wrapping", () => {
  const message = 'certificate not valid for name "a.example"; certificate is only valid for ' +
    'DnsName("b.example"), DnsName("*.c.example") or IpAddress(0::1)';
  assertEquals(
    tlsReason(message),
    "the certificate is not for a.example but for b.example, *.c.example or ::1; if that is the " +
      "peer you mean, say so with --server-name NAME",
  );
});
