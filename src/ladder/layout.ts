/**
 * The layout of a ladder diagram: a pure function of a connection's events. It needs no system, so
 * a page in a browser can draw a connection that goes on.
 */
import { type Conversation, transportOf } from "../record/conversation.ts";
import { folded, totalOf, withPauses } from "./fold.ts";
import type { Arrow, Ladder } from "./ladder.ts";
import { castOf } from "./parties.ts";
import { Rows } from "./rows.ts";

export interface LayoutOptions {
  /** Draw each read, write and message as an arrow of its own. */
  readonly separate?: boolean;
  /** Whether the connection may go on, and its events with it. */
  readonly live?: boolean;
}

/** The ladder of one connection, as far as its events tell. */
export function ladderOf(conversation: Conversation, options: LayoutOptions = {}): Ladder {
  const { id, events } = conversation;
  const { separate = false, live = false } = options;
  const cast = castOf(conversation);
  const transport = transportOf(conversation);
  const start = events[0]?.t ?? 0;
  const maker = new Rows(cast, transport, start, separate);
  for (const event of events) maker.add(event);
  maker.finish(live);
  const loads = maker.rows.filter((row): row is Arrow & typeof row => row.kind === "arrow");
  const opening = events.find((event) => event.event === "open");
  const omitted = opening?.event === "open" ? opening.omitted : undefined;
  const rows = withPauses(separate ? maker.rows : folded(maker.rows));
  return {
    id,
    start,
    seconds: Math.max(0, (events.at(-1)?.t ?? 0) - start),
    parties: cast.parties,
    carrier: cast.carriers[0]!,
    what: transport ? "message" : "bytes",
    in: totalOf(loads.filter(({ from, to }) => from < to), omitted?.in),
    out: totalOf(loads.filter(({ from, to }) => from > to), omitted?.out),
    rows,
  };
}
