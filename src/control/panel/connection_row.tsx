/// <reference lib="dom" />
/** One connection: what it does, and the buttons that end it. */
import type { ShownConnection } from "./connection_table.ts";
import { actWords, useShared } from "./context.ts";
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
  const { id, peer, target, state, since, until, received, sent, error } = connection;
  return (
    <div
      class="row"
      role="row"
      aria-rowindex={index + 2}
      data-state={state}
      data-failed={error !== undefined}
      style={{ transform: `translateY(${top}px)` }}
    >
      <span role="cell" class="cell-id">{id}</span>
      <span role="cell" class="cell-peer">
        <bdi>{shownAddress(peer)}</bdi>
      </span>
      <span role="cell" class="cell-target">
        <bdi>{shownAddress(target)}</bdi>
      </span>
      <span role="cell" class="cell-state" title={error && shown(error)}>
        <span class="dot" />
        {words.states[state]}
        {error !== undefined && <span class="reason">{shown(error)}</span>}
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

/** The buttons stay when the connection is over, so that the focus isn't lost. */
function Actions({ id, isClosed, look }: ActionsProps) {
  const { panel, words } = useShared();
  const close = (how: "cut" | "reset", done: string) => {
    if (!isClosed) void panel.act(() => panel.api.close(id, how), actWords(words, done));
  };
  return (
    <span role="cell" class="cell-actions">
      <button
        type="button"
        class="small"
        aria-label={words.viewOne(id)}
        aria-disabled={isClosed}
        onClick={() => !isClosed && look(id)}
      >
        {words.view}
      </button>
      <button
        type="button"
        class="small"
        aria-label={words.cutOne(id)}
        aria-disabled={isClosed}
        onClick={() => close("cut", words.cutDone(id))}
      >
        {words.cut}
      </button>
      <button
        type="button"
        class="small bad"
        aria-label={words.resetOne(id)}
        aria-disabled={isClosed}
        onClick={() => close("reset", words.resetDone(id))}
      >
        {words.reset}
      </button>
    </span>
  );
}
