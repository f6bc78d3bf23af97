/** Which connections are listed, and in which order. */
import type { ConnectionTable, ShownConnection } from "./connection_table.ts";
import { shown } from "./format.ts";

export const ORDERS = ["newest", "oldest", "active", "received", "sent"] as const;
export type Order = (typeof ORDERS)[number];

/** Whether those are listed that are open, those that are over, or both. */
export const WHICH = ["all", "open", "closed"] as const;
export type Which = (typeof WHICH)[number];

export interface Query {
  readonly proxy: string;
  /** Part of a peer, a target or a number, without case. */
  readonly text: string;
  readonly which: Which;
  readonly order: Order;
}

const COMPARE: Readonly<Record<Order, (a: ShownConnection, b: ShownConnection) => number>> = {
  newest: (a, b) => b.id - a.id,
  oldest: (a, b) => a.id - b.id,
  active: (a, b) => b.lastActive - a.lastActive || b.id - a.id,
  received: (a, b) => b.received - a.received || b.id - a.id,
  sent: (a, b) => b.sent - a.sent || b.id - a.id,
};

/** The connections that a query lists. */
export function listConnections(table: ConnectionTable, query: Query): ShownConnection[] {
  const { proxy, which, order } = query;
  const text = query.text.trim().toLowerCase();
  const found: ShownConnection[] = [];
  const look = (connections: Iterable<ShownConnection>) => {
    for (const connection of connections) {
      if (connection.proxy === proxy && matches(connection, text)) found.push(connection);
    }
  };
  if (which !== "closed") look(table.open);
  if (which !== "open") look(table.closed);
  return found.sort(COMPARE[order]);
}

function matches({ id, peer, target }: ShownConnection, text: string): boolean {
  if (text === "") return true;
  return `${id}` === text.replace(/^#/, "") ||
    shown(peer).toLowerCase().includes(text) || shown(target).toLowerCase().includes(text);
}

/** The part of a list that is seen. */
export interface Window {
  readonly start: number;
  readonly end: number;
}

/** Rows drawn beyond the edges, so that scrolling shows no gap. */
const BEYOND = 6;

/** The rows that are seen, when `height` pixels of rows of `row` pixels each are, from `top` on. */
export function windowOf(count: number, row: number, top: number, height: number): Window {
  const start = Math.max(0, Math.min(count, Math.floor(top / row)) - BEYOND);
  return { start, end: Math.min(count, Math.ceil((top + height) / row) + BEYOND) };
}
