/** Reads certificates and keys from the files of TLS options, in any order. */
import type { KeyObject, X509Certificate } from "node:crypto";
import { versionOf } from "../transports/tls/certificate.ts";
import { valueSize } from "../transports/tls/der.ts";
import type { Identity } from "../transports/options.ts";
import { type PemBlock, pemBlock } from "../transports/tls/pem.ts";
import { type BlockKind, type OptionFile, readBlocks, unusable } from "./pem_file.ts";

const CERTIFICATE: BlockKind = {
  name: "certificate",
  label: /^(?:X509 |TRUSTED )?CERTIFICATE$/,
  command: "openssl x509",
};

const KEY: BlockKind = {
  name: "private key",
  label: /^(?:(?:RSA|EC|ENCRYPTED) )?PRIVATE KEY$/,
  command: "openssl pkey",
};

/** Keys that the runtime's TLS can sign with. */
const KEY_TYPES = "RSA of 2048 to 8192 bits, EC on P-256, P-384 or P-521, Ed25519";
const CURVES: ReadonlySet<unknown> = new Set(["prime256v1", "secp384r1", "secp521r1"]);

/** Reads a file's certificates, each in PEM. Rejects with a `UsageError`. */
export async function readAuthorities(file: OptionFile): Promise<string[]> {
  return (await certificatesIn(file)).map(toPem);
}

/**
 * Reads a certificate with its chain, and the key that belongs to it. Rejects with a `UsageError`
 * where none match, or where TLS can't use them.
 */
export async function readIdentity(certFile: OptionFile, keyFile: OptionFile): Promise<Identity> {
  const certificates = await certificatesIn(certFile);
  for (const key of await keysIn(keyFile)) {
    const own = certificates.find((certificate) => belongs(certificate, key));
    if (!own) continue;
    const version = versionOf(own.raw);
    if (version < 3) {
      const hint = "make it with an extension, such as subjectAltName";
      throw unusable(certFile, `is of X.509 version ${version}, and TLS takes 3; ${hint}`);
    }
    return {
      cert: chainOf(own, certificates).map(toPem).join(""),
      key: key.export({ type: "pkcs8", format: "pem" }) as string,
    };
  }
  throw unusable(keyFile, `isn't the key of ${certFile.option} ${certFile.path}`);
}

/** Whether a key is the certificate's; false for a kind of key that can't be compared. */
function belongs(certificate: X509Certificate, key: KeyObject): boolean {
  try {
    return certificate.checkPrivateKey(key);
  } catch {
    return false;
  }
}

function toPem({ raw }: X509Certificate): string {
  return pemBlock("CERTIFICATE", raw);
}

/** `own`, its issuer, that one's issuer, and then all others (RFC 8446 §4.4.2). */
function chainOf(own: X509Certificate, all: readonly X509Certificate[]): X509Certificate[] {
  const left = all.filter(({ fingerprint256 }) => fingerprint256 !== own.fingerprint256);
  const chain = [own];
  for (;;) {
    const index = left.findIndex(({ subject }) => subject === chain.at(-1)!.issuer);
    if (index < 0) return [...chain, ...left];
    chain.push(...left.splice(index, 1));
  }
}

async function certificatesIn(file: OptionFile): Promise<X509Certificate[]> {
  const { X509Certificate } = await import("node:crypto");
  return (await readBlocks(file, CERTIFICATE)).map(({ der }, index) => {
    try {
      // OpenSSL's TRUSTED CERTIFICATE has more bytes after the certificate.
      return new X509Certificate(der!.subarray(0, valueSize(der!)));
    } catch {
      throw unusable(file, `can't be read: its certificate no. ${index + 1} is damaged`);
    }
  });
}

/** Reads a file's keys that TLS can use, at least one. Rejects with a `UsageError`. */
async function keysIn(file: OptionFile): Promise<KeyObject[]> {
  const plain = (await readBlocks(file, KEY)).filter(({ encrypted }) => !encrypted);
  if (plain.length === 0) {
    throw unusable(
      file,
      "the key is encrypted; expected one without a passphrase (openssl pkey -in)",
    );
  }
  const { createPrivateKey } = await import("node:crypto");
  const keys = plain.flatMap(({ label, der }: PemBlock) => {
    try {
      return createPrivateKey(pemBlock(label, der!));
    } catch {
      return [];
    }
  });
  const usable = keys.filter(isUsable);
  if (usable.length > 0) return usable;
  const [key] = keys;
  const reason = key
    ? `is ${describe(key)}`
    : "can't be read: its key is damaged, or of a kind that isn't known";
  throw unusable(file, `${reason}; TLS takes ${KEY_TYPES}`);
}

function isUsable({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  const bits = details?.modulusLength ?? 0;
  return type === "ed25519" || (type === "ec" && CURVES.has(details?.namedCurve)) ||
    (type === "rsa" && bits >= 2048 && bits <= 8192);
}

function describe({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): string {
  if (type === "rsa") return `an RSA key of ${details?.modulusLength} bits`;
  return type === "ec" ? `an EC key on ${details?.namedCurve}` : `a key of the kind ${type}`;
}
