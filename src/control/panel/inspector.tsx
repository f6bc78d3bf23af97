/// <reference lib="dom" />
/** One connection: what it carries, from when it is looked at. */
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { ApiError } from "./api.ts";
import type { ShownConnection } from "./connection_table.ts";
import { useShared } from "./context.ts";
import { formatBytes, formatCount, shown, shownAddress } from "./format.ts";
import { PieceView, type View } from "./piece_view.tsx";
import { finds, joined, Transcript } from "./transcript.ts";
import type { Words } from "./words/mod.ts";

const VIEWS: readonly View[] = ["text", "hex", "messages"];
/** Pieces that are drawn. */
const DRAWN = 200;

interface InspectorProps {
  readonly connection: ShownConnection;
  close(): void;
}

export function Inspector({ connection, close }: InspectorProps) {
  const { words } = useShared();
  const { id, peer, target, state } = connection;
  const [view, setView] = useState<View>("text");
  const [text, setText] = useState("");
  const dialog = useRef<HTMLDialogElement>(null);
  const { transcript, failure } = useTranscript(id, words);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="inspector" aria-labelledby="inspector-title" onClose={close}>
      <div class="card-head">
        <h2 id="inspector-title">{words.inspector.title(id)}</h2>
        <p class="route">
          <bdi>{shownAddress(peer)}</bdi>
          <span class="arrow" aria-hidden="true">→</span>
          <bdi>{shownAddress(target)}</bdi>
        </p>
        <button type="button" class="chip end" onClick={() => dialog.current?.close()}>
          {words.inspector.close}
        </button>
      </div>
      <Tools view={view} setView={setView} text={text} setText={setText} />
      <Pieces transcript={transcript} view={view} text={text} />
      <p class="quiet" role="status">
        {failure ?? (state === "closed" ? words.inspector.over : "")}
      </p>
    </dialog>
  );
}

interface ToolsProps {
  readonly view: View;
  readonly text: string;
  setView(view: View): void;
  setText(text: string): void;
}

function Tools({ view, text, setView, setText }: ToolsProps) {
  const { words: { inspector } } = useShared();
  return (
    <div class="search">
      <div class="views">
        {VIEWS.map((one) => (
          <button
            key={one}
            type="button"
            class="chip"
            aria-pressed={one === view}
            onClick={() => setView(one)}
          >
            {inspector.views[one]}
          </button>
        ))}
      </div>
      <input
        type="search"
        placeholder={inspector.find}
        aria-label={inspector.find}
        value={text}
        onInput={({ currentTarget }) => setText(currentTarget.value)}
      />
    </div>
  );
}

/** What the connection carries from now on, and why that is known no more. */
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
      const reason = error instanceof ApiError ? error.message : words.unreachable;
      setFailure(words.inspector.failed(shown(reason)));
    });
    return () => ending.abort();
  }, []);
  return { transcript, failure };
}

interface PiecesProps {
  readonly transcript: Transcript;
  readonly view: View;
  readonly text: string;
}

function Pieces({ transcript, view, text }: PiecesProps) {
  const { words: { inspector } } = useShared();
  const { dropped, pieces } = transcript;
  const all = view === "messages" ? pieces : joined(pieces);
  const found = all.filter(finds(text));
  const drawn = found.slice(-DRAWN);
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    if (isAtEnd.current && box.current) box.current.scrollTop = box.current.scrollHeight;
  });
  const scrolled = ({ currentTarget: { scrollTop, scrollHeight, clientHeight } }: ScrollEvent) => {
    isAtEnd.current = scrollTop + clientHeight > scrollHeight - 8;
  };
  const hidden = found.length - drawn.length;
  return (
    <div ref={box} class="pieces" tabIndex={0} role="log" aria-live="off" onScroll={scrolled}>
      {dropped > 0 && <p class="quiet">{inspector.dropped(formatBytes(dropped))}</p>}
      {hidden > 0 && <p class="quiet">{inspector.hidden(formatCount(hidden))}</p>}
      {drawn.length === 0 && (
        <p class="empty">{pieces.length === 0 ? inspector.nothing : inspector.noMatch}</p>
      )}
      {drawn.map((piece, i) => <PieceView key={i} piece={piece} view={view} text={text} />)}
    </div>
  );
}

interface ScrollEvent {
  readonly currentTarget: HTMLElement;
}
