/** The handshake's key and the answer that proves a WebSocket server (RFC 6455 §4.1, §4.2.2). */

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** A client's `Sec-WebSocket-Key`: 16 random bytes. */
export function randomKey(): string {
  return crypto.getRandomValues(new Uint8Array(16)).toBase64();
}

/** Whether `text` is 16 bytes in base64. */
export function isKey(text: string): boolean {
  return /^[+/\dA-Za-z]{21}[AQgw]==$/.test(text);
}

/** The server's `Sec-WebSocket-Accept` for a key. */
export async function acceptFor(key: string): Promise<string> {
  const bytes = new TextEncoder().encode(key + GUID);
  return new Uint8Array(await crypto.subtle.digest("SHA-1", bytes)).toBase64();
}
