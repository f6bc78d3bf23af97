/** Events of the log as they are told outside of the program: masked, and as JSON. */
import { escapeJson } from "./escape.ts";
import type { Event } from "./log.ts";
import { maskSecrets } from "./secrets.ts";

/** Events that keep their secrets: addresses to be pasted, and payload that was asked for. */
const UNMASKED: ReadonlySet<string> = new Set(["listening", "dump"]);

/** The event with the secrets of its URLs masked, in every field. */
export function maskEvent(event: Event): Event {
  if (UNMASKED.has(event.event)) return event;
  const fields = Object.entries(event).map(([name, value]) => [
    name,
    typeof value === "string" ? maskSecrets(value) : value,
  ]);
  return Object.fromEntries(fields);
}

/** The text of an event with its secrets masked. */
export function maskText({ event, text }: Event): string {
  return UNMASKED.has(event) ? text : maskSecrets(text);
}

/** A masked event as JSON on one line, without its newline; peers' text in it is escaped. */
export function formatEventJson({ level, event, text, ...fields }: Event): string {
  const time = new Date().toISOString();
  return escapeJson(JSON.stringify({ time, level, event, ...fields, message: text }));
}
