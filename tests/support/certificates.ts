/** Certificates for tests, good ones and every kind of bad one, made when a test needs them. */
import * as x509 from "@peculiar/x509";
import { pinOf } from "../../src/transports/tls/certificate.ts";
import type { Identity } from "../../src/transports/options.ts";

const ALGORITHM = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY = 24 * 60 * 60 * 1000;

export interface Wanted {
  /** `CN=issued` by default. */
  subject?: string;
  /** Names and IPv4 addresses; none at all leaves the extension out. */
  names?: readonly string[];
  /** From when to when it is valid, in days from now. */
  days?: readonly [from: number, to: number];
  /** Whether it is marked as an authority's. */
  ca?: boolean;
}

export interface Issued extends Identity {
  /** SHA-256 of its DER, in lowercase hexadecimal. */
  readonly pin: string;
}

export interface Authority {
  readonly pem: string;
  issue(wanted?: Wanted): Promise<Issued>;
  /** An authority below this one. */
  delegate(name: string): Promise<Authority>;
}

/** An authority of its own, that no system trusts. */
export async function authority(name = "Test Authority"): Promise<Authority> {
  const keys = await generateKeys();
  const own = await x509.X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  return authorityOf(own, keys.privateKey);
}

function authorityOf(own: x509.X509Certificate, signingKey: CryptoKey): Authority {
  const sign = async (subject: string, wanted: Wanted) => {
    const { publicKey, privateKey } = await generateKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      subject,
      issuer: own.subject,
      publicKey,
      signingKey,
      signingAlgorithm: ALGORITHM,
      ...validity(wanted.days),
      extensions: extensions(wanted),
    });
    return [certificate, privateKey] as const;
  };
  return {
    pem: own.toString("pem"),
    issue: async (wanted = {}) =>
      await issued(...await sign(wanted.subject ?? "CN=issued", wanted)),
    delegate: async (name) => authorityOf(...await sign(`CN=${name}`, { names: [], ca: true })),
  };
}

/** A self-signed certificate. */
export async function selfMade(wanted: Wanted = {}): Promise<Issued> {
  const keys = await generateKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: "CN=self-made",
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(wanted.days),
    extensions: extensions(wanted),
  });
  return await issued(certificate, keys.privateKey);
}

async function issued(certificate: x509.X509Certificate, key: CryptoKey): Promise<Issued> {
  const pkcs8 = await crypto.subtle.exportKey("pkcs8", key);
  return {
    cert: certificate.toString("pem") + "\n",
    key: x509.PemConverter.encode(pkcs8, "PRIVATE KEY") + "\n",
    pin: await pinOf(new Uint8Array(certificate.rawData)),
  };
}

function generateKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(ALGORITHM, true, ["sign", "verify"]);
}

function validity([from, to]: readonly [number, number] = [-1, 30]) {
  const now = Date.now();
  return { notBefore: new Date(now + from * DAY), notAfter: new Date(now + to * DAY) };
}

function extensions({ names = ["localhost", "127.0.0.1"], ca = false }: Wanted) {
  const constraints = new x509.BasicConstraintsExtension(ca, undefined, true);
  if (names.length === 0) return [constraints];
  const kindOf = (value: string) => /^[\d.]+$/.test(value) ? "ip" as const : "dns" as const;
  const alternatives = names.map((value) => ({ type: kindOf(value), value }));
  return [constraints, new x509.SubjectAlternativeNameExtension(alternatives)];
}
