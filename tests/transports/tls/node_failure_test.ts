import { assert, assertEquals } from "@std/assert";
import { translateNodeError } from "../../../src/transports/tls/node_failure.ts";
import { tlsReason } from "../../../src/transports/tls/reason.ts";

const nodeError = (code: string, more: object = {}) =>
  Object.assign(new Error("unable to verify"), { code, ...more });
const reasonOf = (...args: Parameters<typeof translateNodeError>) =>
  tlsReason(translateNodeError(...args).message);

Deno.test("errors of node:tls have the reasons of Deno's own TLS", () => {
  const unknown = nodeError("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
  assert(translateNodeError(unknown) instanceof Deno.errors.InvalidData);
  assert(
    reasonOf(unknown).startsWith("the issuer of the certificate is unknown, or it has expired"),
  );
  const selfSigned = nodeError("DEPTH_ZERO_SELF_SIGNED_CERT");
  assert(reasonOf(selfSigned).startsWith("the issuer of the certificate is unknown; "));
  assert(reasonOf(nodeError("CERT_HAS_EXPIRED")).startsWith("the certificate expired; "));
  assert(reasonOf(nodeError("CERT_NOT_YET_VALID")).startsWith("the certificate is not valid yet"));
});

Deno.test("a certificate for other names is said to be for those", () => {
  const code = "ERR_TLS_CERT_ALTNAME_INVALID";
  const cert = { subjectaltname: "DNS:a.example, IP Address:10.0.0.1" };
  assert(
    reasonOf(nodeError(code, { host: "b.example", cert }))
      .startsWith("the certificate is not for b.example but for a.example or 10.0.0.1"),
  );
  assert(reasonOf(nodeError(code, { cert: {} })).startsWith("the certificate is for no name"));
});

Deno.test("a failure of the protocol is bad data, and one of the system stays what it is", () => {
  const protocol = translateNodeError(nodeError("ERR_SSL_WRONG_VERSION_NUMBER"));
  assertEquals([protocol.name, protocol.message], ["InvalidData", "unable to verify"]);
  const reset = new Deno.errors.ConnectionReset();
  assert(translateNodeError(reset) === reset);
});
