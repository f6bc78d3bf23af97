/** What a recording says about one connection. No system is needed: pages of a browser read it. */
import { LARGEST_DATAGRAM } from "../core/limits.ts";
import type { MessageTransport, RecordedEvent } from "./event.ts";

/** All that happened on one connection, in order. */
export interface Conversation {
  readonly id: number;
  readonly events: readonly RecordedEvent[];
}

/** The connections of a recording, in the order of their ids. */
export function conversationsOf(events: readonly RecordedEvent[]): Conversation[] {
  return [...Map.groupBy(events, ({ id }) => id)]
    .map(([id, events]) => ({ id, events }))
    .sort((a, b) => a.id - b.id);
}

/**
 * Whether a stream of bytes has datagrams beside it, as an association of SOCKS5's UDP ASSOCIATE
 * does (RFC 1928 §7).
 */
export function hasBoth({ events }: Conversation): boolean {
  return ["data", "message"].every((kind) => events.some(({ event }) => event === kind));
}

/**
 * The transport of messages; undefined for a stream of bytes. A recording that doesn't say it has
 * a WebSocket's messages where there is a close code, or a message that no datagram can hold.
 */
export function transportOf(conversation: Conversation): MessageTransport | undefined {
  const { events } = conversation;
  const open = events.find(({ event }) => event === "open");
  if (open?.event === "open" && open.transport) return open.transport;
  if (!events.some(({ event }) => event === "message") || hasBoth(conversation)) return undefined;
  const isUdp = events.every((event) =>
    event.event === "close"
      ? event.code === undefined
      : event.event !== "message" || event.payload.data.length <= LARGEST_DATAGRAM
  );
  return isUdp ? "udp" : "ws";
}
