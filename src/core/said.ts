/** What a peer said instead of what was expected, for messages. */
import { escapeLine } from "./escape.ts";

/** The most that is shown of it, characters. */
const SHOWN = 60;
/** The most that is looked at, bytes. */
export const SAID_LIMIT = 4 * SHOWN;

/** `it said "SSH-2.0-OpenSSH_9.2"`: the first line, escaped, and cut where it is long. */
export function whatItSaid(bytes: Uint8Array): string {
  if (beginsWithTls(bytes)) return "it sent back what we had sent";
  const text = new TextDecoder().decode(bytes.subarray(0, SAID_LIMIT));
  const [line] = /^[^\r\n]*/.exec(text.replace(/^[\r\n]+/, ""))!;
  const characters = [...line];
  const cut = characters.length > SHOWN ? "…" : "";
  return `it said "${escapeLine(characters.slice(0, SHOWN).join(""))}${cut}"`;
}

const CHANGE_CIPHER_SPEC = 20;
const APPLICATION_DATA = 23;

/** Whether bytes begin with a record of TLS (RFC 8446 §5.1). */
export function beginsWithTls(bytes: Uint8Array): boolean {
  const [type = 0, major] = bytes;
  return type >= CHANGE_CIPHER_SPEC && type <= APPLICATION_DATA && major === 3;
}
