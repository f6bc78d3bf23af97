/// <reference lib="dom" />
/** One connection: what it carries and what becomes of it, from its beginning. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api.ts";
import { reasonOf, type ShownConnection } from "./connection_table.ts";
import { useShared } from "./context.ts";
import { shown, shownAddress } from "./format.ts";
import { EndButtons } from "./end_buttons.tsx";
import { InspectorTools, type Look } from "./inspector_tools.tsx";
import { LadderView } from "./ladder_view.tsx";
import { Omitted } from "./omitted.tsx";
import { Pieces } from "./pieces.tsx";
import { Transcript } from "./transcript.ts";
import type { Words } from "./words/mod.ts";

interface InspectorProps {
  readonly connection: ShownConnection;
  close(): void;
}

export function Inspector({ connection, close }: InspectorProps) {
  const { words } = useShared();
  const { id } = connection;
  const [look, setLook] = useState<Look>({ view: "text", text: "", explain: true });
  const dialog = useRef<HTMLDialogElement>(null);
  const { transcript, failure } = useTranscript(id, words);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="inspector" aria-labelledby="inspector-title" onClose={close}>
      <Head connection={connection} close={() => dialog.current?.close()} />
      <InspectorTools look={look} change={(change) => setLook({ ...look, ...change })} />
      {look.view === "ladder"
        ? (
          <LadderView
            id={id}
            transcript={transcript}
            explain={look.explain}
            isOver={connection.state === "closed"}
          />
        )
        : <Pieces transcript={transcript} view={look.view} text={look.text} />}
      <Omitted omitted={transcript.omitted} />
      <p class="quiet" role="status">{failure ?? stateOf(connection, words)}</p>
    </dialog>
  );
}

function Head({ connection, close }: InspectorProps) {
  const { words } = useShared();
  const { id, peer, target, state } = connection;
  return (
    <div class="card-head">
      <h2 id="inspector-title">{words.inspector.title(id)}</h2>
      <p class="route">
        <bdi>{shownAddress(peer)}</bdi>
        <span class="arrow" aria-hidden="true">→</span>
        <bdi>{shownAddress(target)}</bdi>
      </p>
      <span class="inspector-actions end">
        <EndButtons id={id} isClosed={state === "closed"} />
        <button type="button" class="chip" onClick={close}>{words.inspector.close}</button>
      </span>
    </div>
  );
}

/** How it has ended, once it has. */
function stateOf(connection: ShownConnection, { inspector }: Words): string {
  if (connection.state !== "closed") return "";
  const reason = reasonOf(connection);
  return reason === undefined ? inspector.over : inspector.overBy(shown(reason));
}

/** What the connection has carried and carries, and why no more of that is known. */
function useTranscript(id: number, words: Words) {
  const { panel } = useShared();
  const [transcript] = useState(() => new Transcript());
  const [failure, setFailure] = useState<string>();
  useEffect(() => {
    const ending = new AbortController();
    panel.api.record(id, (events) => {
      for (const event of events) transcript.apply(event);
      if (events.length > 0) panel.changed();
    }, ending.signal).catch((error) => {
      if (ending.signal.aborted) return;
      const isGone = error instanceof ApiError && error.status === 404;
      const reason = error instanceof ApiError ? error.message : words.unreachable;
      setFailure(isGone ? words.inspector.gone : words.inspector.failed(shown(reason)));
    });
    return () => ending.abort();
  }, []);
  return { transcript, failure };
}
