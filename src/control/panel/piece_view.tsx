/// <reference lib="dom" />
/** One piece of what a connection carried, as text, as hexadecimal, or in one line. */
import { escapeLine, escapeText } from "../../core/escape.ts";
import { hexdump } from "../../wrap/dump.ts";
import { useShared } from "./context.ts";
import { formatBytes, shown } from "./format.ts";
import { decode, type Piece } from "./transcript.ts";

export type View = "text" | "hex" | "messages";

/** Bytes of a piece that are shown in one line. */
const LINE = 240;

interface PieceViewProps {
  readonly piece: Piece;
  readonly view: View;
  /** What is looked for. */
  readonly text: string;
}

export function PieceView({ piece, view, text }: PieceViewProps) {
  const { words: { inspector } } = useShared();
  const { t, dir, data, event } = piece;
  if (event) {
    const reason = piece.text === undefined ? "" : `: ${shown(piece.text)}`;
    const by = piece.isOwn ? "coax" : inspector.whoIs[dir];
    const who = event === "error" ? "" : `${by} `;
    return <p class="piece-end quiet">{who}{inspector.ends[event]}{reason}</p>;
  }
  return (
    <div class={`piece ${dir === "in" ? "up" : "down"}`}>
      <p class="piece-head">
        <span aria-hidden="true">{dir === "in" ? "↑" : "↓"}</span> {inspector.from[dir]}
        <span class="quiet end">{formatBytes(data.length)} · {t.toFixed(3)} s</span>
      </p>
      <pre>{marked(contentOf(piece, view), text)}</pre>
    </div>
  );
}

function contentOf({ data, offset }: Piece, view: View): string {
  if (view === "hex") return hexdump(data, offset).join("\n");
  // A CR before its LF is the end of a line, and says no more than that.
  if (view === "text") return escapeText(decode(data).replaceAll("\r\n", "\n"));
  const line = escapeLine(decode(data.subarray(0, LINE)));
  return data.length > LINE ? `${line} …` : line;
}

/** The text, with every place marked that has what is looked for. */
function marked(content: string, text: string) {
  if (text === "") return content;
  const lower = content.toLowerCase();
  const wanted = text.toLowerCase();
  // Where the lower case has another length, its places aren't those of the text.
  if (lower.length !== content.length) return content;
  const parts = [];
  let at = 0;
  for (let i = lower.indexOf(wanted); i >= 0; i = lower.indexOf(wanted, at)) {
    parts.push(content.slice(at, i), <mark key={i}>{content.slice(i, i + wanted.length)}</mark>);
    at = i + wanted.length;
  }
  return [...parts, content.slice(at)];
}
