/// <reference lib="dom" />
/** One connection: what it does, and the buttons that end it. */
import { reasonOf, type ShownConnection } from "./connection_table.ts";
import { useShared } from "./context.ts";
import { EndButtons } from "./end_buttons.tsx";
import { formatAge, formatBytes, shown, shownAddress } from "./format.ts";
import type { Words } from "./words/mod.ts";

interface ConnectionRowProps {
  readonly connection: ShownConnection;
  readonly now: number;
  /** Place in the list, from 0. */
  readonly index: number;
  /** Pixels from the beginning of the list. */
  readonly top: number;
  look(id: number): void;
}

export function ConnectionRow({ connection, now, index, top, look }: ConnectionRowProps) {
  const { words } = useShared();
  const { id, peer, target, state, since, until, received, sent, reset } = connection;
  const reason = reasonOf(connection);
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-state={state}
      data-failed={reason !== undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" class="cell-id">{id}</span>
      <span role="cell" class="cell-peer">
        <bdi>{shownAddress(peer)}</bdi>
      </span>
      <span role="cell" class="cell-target">
        <bdi>{shownAddress(target)}</bdi>
      </span>
      <span role="cell" class="cell-state" title={reason && shown(reason)}>
        <span class="dot" />
        {words.states[reset ? "reset" : state]}
        {reason !== undefined && <span class="reason">{shown(reason)}</span>}
      </span>
      <span role="cell" class="cell-age">{formatAge((until ?? now) - since)}</span>
      <span role="cell" class="cell-received up">{formatBytes(received)}</span>
      <span role="cell" class="cell-sent down">{formatBytes(sent)}</span>
      <span role="cell" class="cell-active">
        {lastByte(connection, now, words)}
      </span>
      <Actions id={id} isClosed={state === "closed"} look={look} />
    </div>
  );
}

/** How long ago bytes last passed. */
function lastByte(connection: ShownConnection, now: number, words: Words): string {
  const { received, sent, lastActive, isEarlier } = connection;
  if (received + sent === 0) return "–";
  const age = formatAge(now - lastActive);
  return words.ago(isEarlier ? `> ${age}` : age);
}

interface ActionsProps {
  readonly id: number;
  readonly isClosed: boolean;
  look(id: number): void;
}

function Actions({ id, isClosed, look }: ActionsProps) {
  const { words } = useShared();
  return (
    <span role="cell" class="cell-actions">
      <button type="button" class="small" aria-label={words.viewOne(id)} onClick={() => look(id)}>
        {words.view}
      </button>
      <EndButtons id={id} isClosed={isClosed} />
    </span>
  );
}
