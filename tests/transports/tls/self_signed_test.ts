import { assert, assertEquals, assertMatch } from "@std/assert";
import { X509Certificate } from "node:crypto";
import { selfSigned } from "../../../src/transports/tls/self_signed.ts";

Deno.test("a self-signed certificate is a server's, for this machine and what it listens on", async () => {
  const { cert, key, pin } = await selfSigned(["host.example", "10.1.2.3", "localhost"]);
  const certificate = new X509Certificate(cert);
  assertEquals(
    certificate.subjectAltName,
    "DNS:localhost, IP Address:127.0.0.1, IP Address:::1, DNS:host.example, IP Address:10.1.2.3",
  );
  assertEquals([certificate.ca, certificate.subject], [false, certificate.issuer]);
  assertEquals(certificate.fingerprint256.replaceAll(":", "").toLowerCase(), pin);
  assertMatch(pin, /^[0-9a-f]{64}$/);
  assertMatch(key, /^-----BEGIN PRIVATE KEY-----/);
  assert(Date.parse(certificate.validFrom) < Date.now());
  assert(Date.parse(certificate.validTo) > Date.now() + 300 * 24 * 3600 * 1000);
});

Deno.test("every self-signed certificate is a new one", async () => {
  assert((await selfSigned()).pin !== (await selfSigned()).pin);
});
