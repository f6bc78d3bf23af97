/** How each protocol goes from clear text to TLS. */
import { type ClearInput, RefusedDialogue } from "./starttls_dialogue.ts";

export const STARTTLS_PROTOCOLS = [
  "smtp",
  "imap",
  "pop3",
  "ftp",
  "postgres",
  "ldap",
  "xmpp",
] as const;
export type StartTlsProtocol = (typeof STARTTLS_PROTOCOLS)[number];

interface Dialogue {
  readonly input: ClearInput;
  readonly say: (data: string | Uint8Array) => Promise<void>;
  /** The server's name. */
  readonly host: string;
}

/** Resolves once the server has consented. Rejects with a `RefusedDialogue` where it doesn't. */
type Protocol = (dialogue: Dialogue) => Promise<void>;

export const PROTOCOLS: Readonly<Record<StartTlsProtocol, Protocol>> = {
  /** RFC 3207 §4; replies as in RFC 5321 §4.2. */
  async smtp({ input, say }) {
    await reply(input, "220", "it doesn't greet as SMTP does");
    await say("EHLO localhost\r\n");
    const lines = await reply(input, "250", "it refuses EHLO");
    if (!lines.some((line) => /^250[ -]STARTTLS\s*$/i.test(line))) {
      throw new RefusedDialogue("it offers no STARTTLS");
    }
    await say("STARTTLS\r\n");
    await reply(input, "220", "it refuses STARTTLS");
  },

  /** RFC 9051 §6.2.1. */
  async imap({ input, say }) {
    const greeting = await input.line();
    if (!/^\* (?:OK|PREAUTH)\b/i.test(greeting)) {
      throw new RefusedDialogue("it doesn't greet as IMAP does", greeting);
    }
    await say("a1 STARTTLS\r\n");
    let line: string;
    do line = await input.line(); while (line.startsWith("* "));
    if (!/^a1 OK\b/i.test(line)) throw new RefusedDialogue("it refuses STARTTLS", line);
  },

  /** RFC 2595 §4. */
  async pop3({ input, say }) {
    await positive(input, "it doesn't greet as POP3 does");
    await say("STLS\r\n");
    await positive(input, "it refuses STLS");
  },

  /** RFC 4217 §4. */
  async ftp({ input, say }) {
    await reply(input, "220", "it doesn't greet as FTP does");
    await say("AUTH TLS\r\n");
    await reply(input, "234", "it refuses AUTH TLS");
  },

  /** SSLRequest (PostgreSQL's documentation, "Message Formats"). */
  async postgres({ input, say }) {
    await say(Uint8Array.of(0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f));
    const [answer] = await input.take(() => 1);
    if (answer === 0x53) return;
    throw new RefusedDialogue(answer === 0x4e ? "it has no TLS" : "it doesn't speak PostgreSQL");
  },

  /** StartTLS, an extended operation (RFC 4511 §4.12, §4.14). */
  async ldap({ input, say }) {
    const name = new TextEncoder().encode("1.3.6.1.4.1.1466.20037");
    const request = [0x80, name.length, ...name];
    const operation = [0x02, 1, 1, 0x77, request.length, ...request];
    await say(Uint8Array.of(0x30, operation.length, ...operation));
    const message = await input.take(berEnd);
    const code = resultOfExtended(message);
    if (code === undefined) throw new RefusedDialogue("it doesn't speak LDAP");
    if (code !== 0) throw new RefusedDialogue(`it refuses StartTLS with result ${code}`);
  },

  /** RFC 6120 §5.4. */
  async xmpp({ input, say, host }) {
    await say(
      `<?xml version='1.0'?><stream:stream to='${host}' version='1.0' xmlns='jabber:client' ` +
        "xmlns:stream='http://etherx.jabber.org/streams'>",
    );
    const features = await upTo(
      input,
      /<\/stream:features>|<stream:features\s*\/>|<\/stream:stream>/,
    );
    if (!/<starttls\b/.test(features)) throw new RefusedDialogue("it offers no STARTTLS");
    await say("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
    const answer = await upTo(
      input,
      /<proceed\b[^>]*(?:\/>|>\s*<\/proceed>)|<failure\b[^>]*>|<\/stream:stream>/,
    );
    if (!/<proceed\b/.test(answer)) throw new RefusedDialogue("it refuses STARTTLS");
  },
};

/** Reads a reply of one line or more, `220-…` and at last `220 …`. */
async function reply(input: ClearInput, code: string, otherwise: string): Promise<string[]> {
  const lines: string[] = [];
  for (;;) {
    const line = await input.line();
    lines.push(line);
    if (!new RegExp(`^${code}(?:[ -]|$)`).test(line)) throw new RefusedDialogue(otherwise, line);
    if (line[3] !== "-") return lines;
  }
}

/** Reads a reply of POP3. */
async function positive(input: ClearInput, otherwise: string): Promise<void> {
  const line = await input.line();
  if (!/^\+OK\b/i.test(line)) throw new RefusedDialogue(otherwise, line);
}

/** Reads up to the end of the first match. */
async function upTo(input: ClearInput, pattern: RegExp): Promise<string> {
  const bytes = await input.take((all) => {
    // One character a byte, so that indices are those of the bytes.
    const match = pattern.exec(Array.from(all, (byte) => String.fromCharCode(byte)).join(""));
    return match ? match.index + match[0].length : undefined;
  });
  return new TextDecoder().decode(bytes);
}

/** Where an element of BER ends (X.690 §8.1.3); undefined while that isn't known. */
function berEnd(bytes: Uint8Array): number | undefined {
  const [tag, first] = bytes;
  if (tag !== undefined && tag !== 0x30) throw new RefusedDialogue("it doesn't speak LDAP");
  if (first === undefined) return undefined;
  if (first < 0x80) return 2 + first;
  const size = first & 0x7f;
  if (size === 0 || size > 3) throw new RefusedDialogue("it doesn't speak LDAP");
  if (bytes.length < 2 + size) return undefined;
  const length = bytes.subarray(2, 2 + size).reduce((all, byte) => all << 8 | byte, 0);
  return 2 + size + length;
}

/** The result of an ExtendedResponse with message ID 1; undefined for anything else. */
function resultOfExtended(message: Uint8Array): number | undefined {
  const at = message[1]! < 0x80 ? 2 : 2 + (message[1]! & 0x7f);
  const [integer, size, id, operation, length] = message.subarray(at);
  if (integer !== 0x02 || size !== 1 || id !== 1 || operation !== 0x78) return undefined;
  const inner = at + 5 + (length! < 0x80 ? 0 : length! & 0x7f);
  const [enumerated, one, code] = message.subarray(inner);
  return enumerated === 0x0a && one === 1 ? code : undefined;
}
