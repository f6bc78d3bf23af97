import { assertEquals } from "@std/assert";
import type { TLSSocket } from "node:tls";
import { clientRefusal } from "../../../src/transports/tls/client_refusal.ts";

const DAY = 24 * 60 * 60 * 1000;
/** The beginning of a certificate of X.509 version 3, and of one of version 1 (RFC 5280 §4.1). */
const VERSION_3 = Uint8Array.of(0x30, 9, 0x30, 7, 0xa0, 3, 2, 1, 2, 2, 0);
const VERSION_1 = Uint8Array.of(0x30, 5, 0x30, 3, 2, 1, 1);

/** A socket after its handshake with a client. */
function socket(
  { authorized = true, error = null as string | null, raw = VERSION_3, days = [-1, 1] },
): TLSSocket {
  const [from, to] = days.map((day) => new Date(Date.now() + day * DAY).toUTCString());
  const certificate = raw.length > 0 ? { raw, valid_from: from, valid_to: to } : {};
  const fields = { authorized, authorizationError: error, getPeerCertificate: () => certificate };
  return fields as unknown as TLSSocket;
}

const CASES: [what: string, socket: TLSSocket, alert: number | undefined][] = [
  ["a verified certificate", socket({}), undefined],
  ["none, whatever the runtime says of it", socket({ raw: new Uint8Array() }), 40],
  ["one that the runtime refuses", socket({ authorized: false, error: "CERT_REVOKED" }), 46],
  [
    "an unknown issuer's",
    socket({ authorized: false, error: "UNABLE_TO_VERIFY_LEAF_SIGNATURE" }),
    48,
  ],
  ["one refused without a code", socket({ authorized: false }), 46],
  ["one of version 1, for which no key is proved", socket({ raw: VERSION_1 }), 43],
  ["an expired one that the runtime takes", socket({ days: [-2, -1] }), 45],
  ["an early one that the runtime takes", socket({ days: [1, 2] }), 45],
  ["one that can't be read", { authorized: true } as TLSSocket, 42],
  ["one with dates that can't be read", socket({ days: [NaN, NaN] }), 45],
];

for (const [what, shown, alert] of CASES) {
  Deno.test(`a client with ${what} is ${alert ? "refused" : "let in"}`, () => {
    assertEquals(clientRefusal(shown)?.alert, alert);
  });
}
