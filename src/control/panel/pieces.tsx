/// <reference lib="dom" />
/** What a connection has carried, piece by piece. */
import { formatCount } from "../../core/format.ts";
import { useShared } from "./context.ts";
import { PieceView, type View } from "./piece_view.tsx";
import { finds, joined, type Transcript } from "./transcript.ts";
import { useEnd } from "./use_end.ts";

/** Pieces that are drawn. */
const DRAWN = 200;

interface PiecesProps {
  readonly transcript: Transcript;
  readonly view: View;
  /** What is looked for. */
  readonly text: string;
}

export function Pieces({ transcript, view, text }: PiecesProps) {
  const { words: { inspector } } = useShared();
  const { box, scrolled } = useEnd();
  const { pieces } = transcript;
  const all = view === "messages" ? pieces : joined(pieces);
  const found = all.filter(finds(text));
  const drawn = found.slice(-DRAWN);
  const hidden = found.length - drawn.length;
  return (
    <div ref={box} class="pieces" tabIndex={0} role="log" aria-live="off" onScroll={scrolled}>
      {hidden > 0 && <p class="quiet">{inspector.hidden(formatCount(hidden))}</p>}
      {drawn.length === 0 && (
        <p class="empty">{pieces.length === 0 ? inspector.nothing : inspector.noMatch}</p>
      )}
      {drawn.map((piece, i) => <PieceView key={i} piece={piece} view={view} text={text} />)}
    </div>
  );
}
