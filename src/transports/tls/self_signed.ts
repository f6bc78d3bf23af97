/** `--self-signed`: makes a certificate and its key in memory, for this run only. */
import { parseLiteral } from "../../address/ip.ts";
import { pinOf } from "./certificate.ts";
import type { Identity } from "../options.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;
/** Tolerance for a peer's clock. */
const CLOCK_SKEW = DAY;
/** Browsers reject a certificate that is valid for longer than 398 days. */
const LIFETIME = 397 * DAY;

/** Names and addresses in every certificate. */
const LOCAL = ["localhost", "127.0.0.1", "::1"];

interface SelfSigned extends Identity {
  /** SHA-256 of the certificate's DER, in lowercase hexadecimal. */
  readonly pin: string;
}

/** Makes a certificate for this machine and for `hosts`, names or addresses. */
export async function selfSigned(hosts: readonly string[] = []): Promise<SelfSigned> {
  const x509 = await import("@peculiar/x509");
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
  const names = [...new Set([...LOCAL, ...hosts])];
  const now = Date.now();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=coax",
    notBefore: new Date(now - CLOCK_SKEW),
    notAfter: new Date(now - CLOCK_SKEW + LIFETIME),
    signingAlgorithm: ALGORITHM,
    keys,
    extensions: [
      // CA:FALSE: an authority's certificate isn't accepted from a server.
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension(
        names.map((value) => ({ type: nameTypeOf(value), value })),
      ),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return {
    cert: certificate.toString("pem"),
    key: x509.PemConverter.encode(key, "PRIVATE KEY"),
    pin: await pinOf(new Uint8Array(certificate.rawData)),
  };
}

function nameTypeOf(host: string): "ip" | "dns" {
  return parseLiteral(host) ? "ip" : "dns";
}
