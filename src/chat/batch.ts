/** Joins the messages of one batch for one write; members that get the same share the bytes. */
import { concat } from "../core/bytes.ts";

let parts: readonly Uint8Array[] = [];
let whole: Uint8Array = new Uint8Array();

/**
 * Concatenates messages; the result is shared and must not be changed. A busy room sends the same
 * batch to one member after the other, so the last result is cached.
 */
export function batched(messages: readonly Uint8Array[]): Uint8Array {
  if (messages.length === 1) return messages[0]!;
  if (messages.length !== parts.length || messages.some((message, i) => message !== parts[i])) {
    parts = messages;
    whole = concat(messages);
  }
  return whole;
}
