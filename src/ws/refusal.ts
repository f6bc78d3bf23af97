/** A server's answer to a handshake that is no upgrade. */
import { RefusedError } from "../core/errors.ts";
import type { Field, ResponseHead } from "../http/head.ts";

export class UpgradeRefusedError extends RefusedError {
  /** The status of the answer. */
  readonly answer: number;
  /** How to log in, where the server asks for it (RFC 9110 §11.6.1). */
  readonly challenge: readonly Field[];

  constructor(address: string, reason: string, { status, headers }: ResponseHead) {
    super("handshake", address, reason);
    const challenge = headers.get("www-authenticate");
    this.answer = status;
    this.challenge = challenge === null ? [] : [["WWW-Authenticate", textOf(challenge)]];
  }
}

/** A field's value, which is read with one character for each byte, as text. */
function textOf(value: string): string {
  return new TextDecoder().decode(Uint8Array.from(value, (character) => character.charCodeAt(0)));
}
