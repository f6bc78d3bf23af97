/** Messages of one batch as one write; members who are told the same share the bytes. */
import { concat } from "../core/bytes.ts";

let parts: readonly Uint8Array[] = [];
let whole: Uint8Array = new Uint8Array();

/**
 * All messages as one array, which nobody may change. In a busy room one member after another is
 * sent the same batch, so that the last one is the one to remember.
 */
export function batched(messages: readonly Uint8Array[]): Uint8Array {
  if (messages.length === 1) return messages[0]!;
  if (messages.length !== parts.length || messages.some((message, i) => message !== parts[i])) {
    parts = messages;
    whole = concat(messages);
  }
  return whole;
}
