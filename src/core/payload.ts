/** A message as a field of a JSON object, without loss: text where it is UTF-8, else base64. */
import type { Message } from "./duplex.ts";

// A byte order mark is part of the message.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();

/** Text for a text message, or for one without type (bytes, UDP) in UTF-8; else base64. */
export function formatPayload({ data, text }: Message): { text: string } | { base64: string } {
  if (text !== false) {
    try {
      return { text: decoder.decode(data) };
    } catch {
      // Not UTF-8, or a character that the next read completes.
    }
  }
  return { base64: data.toBase64() };
}

/** The message of an object with one of both fields; undefined for anything else. */
export function parsePayload({ text, base64 }: Record<string, unknown>): Message | undefined {
  // A lone surrogate has no UTF-8.
  if (typeof text === "string" && base64 === undefined && text.isWellFormed()) {
    return { data: encoder.encode(text), text: true };
  }
  if (typeof base64 !== "string" || text !== undefined) return undefined;
  try {
    return { data: Uint8Array.fromBase64(base64), text: false };
  } catch {
    return undefined;
  }
}
